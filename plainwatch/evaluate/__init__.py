"""How well rules do on footage where somebody has written down what happens.

Takes: clips, labels, an engine.
Gives: an honest table, as Markdown and as JSON.
Knows nothing about: servers; nothing here is a goal, only what came out."""
