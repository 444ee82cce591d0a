"""What needs no large model: files, git, shell, tests, and the policy that guards them."""
