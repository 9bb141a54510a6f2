"""The gate before a vision-language model: a cheap dual tower says which frames are worth asking about.

Takes: frames, questions with their bars, what was asked last.
Gives: the same answers as the engine behind it, with unknown "gated" for what was skipped.
Knows nothing about: how bars come about; rules and alerts do."""
