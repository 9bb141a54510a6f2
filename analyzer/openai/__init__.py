"""The engine `openai`: questions about pictures, put to any server that speaks OpenAI's chat completions.

Takes: queries; the addresses of one server, or of several with the same model.
Gives: margins from the probabilities of yes and no, or plain verdicts where a server gives none.
Knows nothing about: torch, transformers, Redis, rules."""
