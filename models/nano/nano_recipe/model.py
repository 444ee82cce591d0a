"""The network: a small Llama decoder, as llama.cpp reads it (RMS norm, RoPE, SwiGLU, tied embeddings)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812  (its name everywhere)


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; the defaults are those of the weights that ship."""

    vocabulary: int = 4096
    width: int = 256
    layers: int = 6
    heads: int = 4
    hidden: int = 704
    context: int = 1024
    epsilon: float = 1e-5
    rope_base: float = 10000.0


class Block(nn.Module):
    """Attention and feed-forward, each behind a norm and added to the stream."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, hidden = shape.width, shape.hidden
        self.heads, self.epsilon = shape.heads, shape.epsilon
        self.attn_norm = nn.Parameter(torch.ones(width))
        self.ffn_norm = nn.Parameter(torch.ones(width))
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            setattr(self, name, nn.Linear(width, width, bias=False))
        self.ffn_gate = nn.Linear(width, hidden, bias=False)
        self.ffn_up = nn.Linear(width, hidden, bias=False)
        self.ffn_down = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """(batch, time, width) to the same shape."""
        batch, time, width = x.shape
        h = F.rms_norm(x, (width,), self.attn_norm, self.epsilon)

        def split(y: Tensor) -> Tensor:  # (batch, heads, time, width of a head)
            return y.view(batch, time, self.heads, width // self.heads).transpose(1, 2)

        v = split(self.attn_v(h))
        q = _rotate(split(self.attn_q(h)), cos, sin).to(v.dtype)
        k = _rotate(split(self.attn_k(h)), cos, sin).to(v.dtype)
        if self.training:  # spelled out: on the CPU the fused kernel is slower with a backward pass
            scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
            at = torch.arange(time, device=x.device)
            scores = scores.float().masked_fill(at[None, :] > at[:, None], float("-inf"))
            mixed = torch.softmax(scores, -1).to(v.dtype) @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.attn_output(mixed.transpose(1, 2).reshape(batch, time, width))
        h = F.rms_norm(x, (width,), self.ffn_norm, self.epsilon)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE with the two halves of a head as real and imaginary part (the export interleaves them)."""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Decoder(nn.Module):
    """The whole network."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = nn.Parameter(torch.ones(shape.width))
        half = shape.width // shape.heads // 2
        frequency = shape.rope_base ** (-torch.arange(half).float() / half)
        angle = torch.outer(torch.arange(shape.context).float(), frequency)
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for name, parameter in self.named_parameters():
            if "embd" in name:
                nn.init.normal_(parameter, std=0.02)
            elif parameter.dim() == 2:  # what writes to the stream starts small
                gain = 0.3 if "output" in name or "down" in name else 0.7
                nn.init.normal_(parameter, std=gain * parameter.shape[1] ** -0.5)

    def states(self, tokens: Tensor) -> Tensor:
        """(batch, time) token numbers to (batch, time, width) last states."""
        time = tokens.shape[1]
        cos, sin = self.cos[:time], self.sin[:time]
        x = self.token_embd(tokens)
        for block in self.blk:
            x = block(x, cos, sin)
        return F.rms_norm(x, (self.shape.width,), self.output_norm, self.shape.epsilon)

    def forward(self, tokens: Tensor) -> Tensor:
        """(batch, time) token numbers to (batch, time, vocabulary) logits."""
        return F.linear(self.states(tokens), self.token_embd.weight)

    def loss(self, tokens: Tensor, places: Tensor, targets: Tensor) -> Tensor:
        """Mean cross entropy at chosen places only: the replies.

        Args:
            tokens: (batch, time).
            places: Indices into the flattened (batch * time) states.
            targets: The token after each place, of the same shape.
        """
        states = self.states(tokens).reshape(-1, self.shape.width)[places]
        return F.cross_entropy(F.linear(states, self.token_embd.weight).float(), targets)
