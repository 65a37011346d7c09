"""The loop that every network is trained in: one process or several, stopped and resumed."""

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

import torch
from torch import Tensor, nn

from .config import RunConfig

_WARM_UP: Final = 0.04  # of all steps
_SECONDS_BETWEEN_CHECKPOINTS: Final = 60.0
_STEPS_BETWEEN_REPORTS: Final = 50
_STEPS_BETWEEN_VALIDATIONS: Final = 1000
_AVERAGING: Final = 0.998


class Task(Protocol):
    """What is learned: a network, what it costs, and how good it is."""

    network: nn.Module

    def loss(self, step: int) -> Tensor:
        """Return the loss of a batch drawn at random."""

    def validate(self) -> Mapping[str, float]:
        """Return what the network is worth on people who are not learned from."""


@dataclass(frozen=True)
class Place:
    """Where one of several processes stands, as torchrun says."""

    rank: int = 0
    world: int = 1
    device: str = "cpu"

    @classmethod
    def here(cls) -> "Place":
        """Join the processes that torchrun started; alone, just choose the device."""
        rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        has_gpu = torch.cuda.is_available()
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if world > 1 and not torch.distributed.is_initialized():
            torch.distributed.init_process_group("nccl" if has_gpu else "gloo")
        return cls(rank, world, f"cuda:{local}" if has_gpu else "cpu")


def train(
    task: Task, run: RunConfig, folder: Path, place: Place, say: Callable[[str], None]
) -> None:
    """Train until `run.steps`, from the last checkpoint in the folder on.

    What is kept are the weights averaged over the last steps. The folder gets
    log.jsonl (a line a report), checkpoint.pt, and network.pt when it is done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    task.network.to(place.device)
    optimizer = torch.optim.AdamW(task.network.parameters(), run.rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, run.steps))
    average = torch.optim.swa_utils.AveragedModel(
        task.network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(_AVERAGING)
    )
    state = {"network": task.network, "average": average, "optimizer": optimizer, "rate": schedule}
    step = _resume(folder, state)
    saved, total, began = time.monotonic(), 0.0, time.monotonic()
    while step < run.steps:
        task.network.train()
        optimizer.zero_grad()
        with torch.autocast(place.device.partition(":")[0], torch.bfloat16):
            loss = task.loss(step)
        loss.backward()
        _share_gradients(task.network, place)
        nn.utils.clip_grad_norm_(task.network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average.update_parameters(task.network)
        step, total = step + 1, total + float(loss.detach())
        if step % _STEPS_BETWEEN_REPORTS == 0 and place.rank == 0:
            pace = (time.monotonic() - began) / _STEPS_BETWEEN_REPORTS
            _log(folder, say, step=step, loss=total / _STEPS_BETWEEN_REPORTS, seconds_a_step=pace)
            total, began = 0.0, time.monotonic()
        if step % _STEPS_BETWEEN_VALIDATIONS == 0 and place.rank == 0:
            _log(folder, say, step=step, **_validated(task, average))
            began = time.monotonic()
        if time.monotonic() - saved > _SECONDS_BETWEEN_CHECKPOINTS and place.rank == 0:
            _save(folder, step, state)
            saved = time.monotonic()
    if place.rank == 0:
        _save(folder, step, state)
        task.network.load_state_dict(average.module.state_dict())
        _log(folder, say, step=step, **_validated(task, average))
        torch.save(task.network.state_dict(), folder / "network.pt")


def load_network(network: nn.Module, folder: Path) -> nn.Module:
    """Give a network the weights that a finished training left, and set it to work."""
    network.load_state_dict(torch.load(folder / "network.pt", map_location="cpu"))
    return network.eval()


def _rate(step: int, steps: int) -> float:
    warm = max(round(_WARM_UP * steps), 1)
    if step < warm:
        return (step + 1) / warm
    left = (steps - step) / max(steps - warm, 1)
    return float(0.02 + 0.98 * (0.5 - 0.5 * torch.cos(torch.tensor(torch.pi * left)).item()))


def _share_gradients(network: nn.Module, place: Place) -> None:
    if place.world == 1:
        return
    for parameter in network.parameters():
        if parameter.grad is not None:
            torch.distributed.all_reduce(parameter.grad)
            parameter.grad /= place.world


def _validated(task: Task, average: nn.Module) -> Mapping[str, float]:
    """Validate the averaged weights, then go on with the own."""
    own = {name: value.clone() for name, value in task.network.state_dict().items()}
    task.network.load_state_dict(cast(Any, average).module.state_dict())
    task.network.eval()
    with torch.no_grad():
        figures = task.validate()
    task.network.load_state_dict(own)
    return figures


def _resume(folder: Path, state: Mapping[str, Any]) -> int:
    with suppress(FileNotFoundError):
        kept = torch.load(folder / "checkpoint.pt", map_location="cpu")
        for name, part in state.items():
            part.load_state_dict(kept[name])
        return int(kept["step"])
    return 0


def _save(folder: Path, step: int, state: Mapping[str, Any]) -> None:
    unfinished = folder / "checkpoint.part"
    torch.save(
        {"step": step, **{name: part.state_dict() for name, part in state.items()}}, unfinished
    )
    unfinished.replace(folder / "checkpoint.pt")


def _log(folder: Path, say: Callable[[str], None], **figures: float) -> None:
    with (folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(figures) + "\n")
    say(", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
