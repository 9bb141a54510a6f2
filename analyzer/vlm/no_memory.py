"""Memory that ran out, told from every other failure.

Takes: an exception.
Gives: whether a smaller batch may do.
Knows nothing about: models; it imports torch only."""

import torch

#: cudaErrorMemoryAllocation, and HIP's number for the same
_NOT_ALLOCATED = 2
#: the CPU's allocator, cuBLAS, and what the driver itself refuses, such as pinned memory, have no class of their own
_SAID = ("DefaultCPUAllocator", "ALLOC_FAILED", "CUDA error: out of memory", "HIP error: out of memory")
#: of every failure on a GPU that is not the allocator's; torch before 2.8 has none
_ACCELERATOR: type[BaseException] | None = getattr(torch, "AcceleratorError", None)


def out_of_memory(error: BaseException) -> bool:
    """By its class where torch has one, by its number, else by its words."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    if _ACCELERATOR and isinstance(error, _ACCELERATOR) and getattr(error, "error_code", None) == _NOT_ALLOCATED:
        return True
    said = str(error)
    return isinstance(error, RuntimeError) and any(words in said for words in _SAID)
