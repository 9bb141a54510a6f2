"""Things followed from picture to picture, and what that answers: who stays, enters, leaves something behind.

Takes: the detections of one picture after another, a camera's zones.
Gives: the tracks, and answers that the judge reads as any others.
Knows nothing about: sentences, rules' logic, incidents, pixels."""
