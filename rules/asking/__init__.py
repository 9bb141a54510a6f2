"""What the engines are asked: each question once, in the words that it needs, of as many pictures as show it.

Takes: plans and their questions; capabilities.
Gives: questions with their keys; whether live pictures, or several, are needed for them.
Knows nothing about: sentences, answers."""
