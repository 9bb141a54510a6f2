"""The engine `vlm`: an image-text model of transformers, in process; one image, N questions.

Takes: a checkpoint, frames, free-text questions.
Gives: margins, the mass behind them, explanations, boxes.
Knows nothing about: Redis, rules. Nothing outside this package imports torch or transformers."""
