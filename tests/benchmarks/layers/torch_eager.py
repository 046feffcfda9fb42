# SPDX-License-Identifier: MIT
import sizes
import with_torch
from with_torch import torch


class Last(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(sizes.lstm_in, sizes.lstm_hidden, batch_first=True)
        self.linear = torch.nn.Linear(sizes.lstm_hidden, 10)

    def forward(self, x):
        return self.linear(self.lstm(x)[1][0][0])


class Attentive(torch.nn.Module):
    def __init__(self):
        super().__init__()
        width = sizes.attention_width
        self.norm = torch.nn.LayerNorm(width)
        self.attention = torch.nn.MultiheadAttention(width, sizes.attention_heads, batch_first=True)
        self.linear = torch.nn.Linear(sizes.attention_places * width, 10)

    def forward(self, x):
        y = self.norm(x)
        return self.linear((x + self.attention(y, y, y, need_weights=False)[0]).flatten(1))


def rows(wrap):
    nn, side, (one, few, many) = torch.nn, sizes.image_side, sizes.channels
    convolutions = nn.Sequential(
        nn.Conv2d(one, few, 3, padding=1), nn.ReLU(), nn.Conv2d(few, many, 3, padding=1), nn.ReLU(), nn.Flatten(),
        nn.Linear(many * side * side, 10))
    y = (torch.rand(sizes.layers_batch, 10) < 0.01).float()

    def step(net, *sample):
        x = torch.rand(sizes.layers_batch, *sample) * 2 - 1
        adam = torch.optim.Adam(net.parameters(), 1e-3)
        forward, update = wrap(lambda x, y: with_torch.bce(net(x), y)), with_torch.optimizer_step(adam, wrap)

        def run():
            adam.zero_grad(set_to_none=True)
            forward(x, y).backward()
            update()

        return run

    return {"conv": step(convolutions, one, side, side), "lstm": step(Last(), sizes.lstm_steps, sizes.lstm_in),
            "attention": step(Attentive(), sizes.attention_places, sizes.attention_width)}


if __name__ == "__main__":
    with_torch.main(rows)
