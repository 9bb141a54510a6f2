"""A rule tried on recorded footage before it may page anybody.

Takes: sentences, a video file or a camera's kept pictures.
Gives: when they would have fired, with pictures; how many alerts and how much work a day that would be.
Knows nothing about: live cameras, deliveries; nothing is stored and nobody is told."""
