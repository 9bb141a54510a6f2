"""The edge engine: an object detector in ONNX Runtime, and what the scene history shows without one.

Takes: keyframes with their scene history; an ONNX file, where there is one.
Gives: answers to questions that hold a predicate.
Knows nothing about: free text, torch."""
