"""ONNX Runtime, opened honestly: which device a model really runs on, and errors that name the file.

Takes: an ONNX file, whether a GPU is required.
Gives: a Session; what may go wrong while it runs.
Knows nothing about: what the model is for."""

import os
from pathlib import Path
from typing import Any, Protocol

import numpy.typing as npt

from contracts.errors import EngineError

_MOST_THREADS = 4
#: ONNX Runtime's own scale: below "error" it writes a warning for each weight of some models
_ERRORS_ONLY, _SILENT = 3, 4
_CUDA = "CUDAExecutionProvider"


class Named(Protocol):
    """An input or output as ONNX Runtime describes it."""

    name: str
    shape: list[int | str | None]


class Binding(Protocol):
    """Inputs and outputs laid where the model reads and writes them."""

    def bind_cpu_input(self, name: str, array: npt.NDArray[Any]) -> None: ...
    def bind_output(self, name: str, device_type: str = "cpu") -> None: ...
    def copy_outputs_to_cpu(self) -> list[npt.NDArray[Any]]: ...


class Session(Protocol):
    """What we use of onnxruntime.InferenceSession, which has no types of its own."""

    def get_inputs(self) -> list[Named]: ...
    def get_outputs(self) -> list[Named]: ...
    def get_providers(self) -> list[str]: ...
    def run(self, names: list[str], feeds: dict[str, npt.NDArray[Any]]) -> list[npt.NDArray[Any]]: ...
    def io_binding(self) -> Binding: ...
    def run_with_iobinding(self, binding: Binding) -> None: ...


def open_session(path: Path, *, what: str, require_gpu: bool = False) -> Session:
    """`what` begins the error: "detector 'x.onnx'". Raises EngineError; a GPU that cannot be used is no GPU."""
    import onnxruntime  # 0.25 s and 340 MB: only where a model is configured

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = min(_MOST_THREADS, os.cpu_count() or 1)
    # Spinning threads take the cores that ingest needs: 43 ms and 46 ms of CPU a picture instead of 23 and 24
    # (YOLOX-nano, 2 threads on 2 busy cores).
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = [name for name in (_CUDA,) if name in onnxruntime.get_available_providers()]
    onnxruntime.set_default_logger_severity(_SILENT)  # without CUDA it falls back with two screens of complaints
    try:
        session: Session = onnxruntime.InferenceSession(
            str(path), options, providers=[*wanted, "CPUExecutionProvider"]
        )
    except runtime_errors() as error:
        raise EngineError(f"{what}: it cannot be loaded: {error}", "give an ONNX file") from error
    finally:
        onnxruntime.set_default_logger_severity(_ERRORS_ONLY)
    if require_gpu and device_of(session) != "cuda":
        raise EngineError(
            f"{what}: PLAINWATCH_REQUIRE_GPU is set and ONNX Runtime runs it on the CPU",
            "install CUDA 13 and cuDNN 9, or unset PLAINWATCH_REQUIRE_GPU",
        )
    return session


def device_of(session: Session) -> str:
    """The list of compiled-in providers also names CUDA where it cannot run: only the session knows."""
    return "cuda" if _CUDA in session.get_providers() else "cpu"


def runtime_errors() -> tuple[type[Exception], ...]:
    """ONNX Runtime's errors have no common root but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    named = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoSuchFile", "NotImplemented", "EPFail")
    return (*(getattr(state, name) for name in named), state.RuntimeException, state.NoModel, RuntimeError)
