"""Every number by which things are followed, in one place.

Takes: nothing.
Gives: distances in sizes of the thing, patience in seconds.
Knows nothing about: rules, sentences. The figures are for a small detector sampled about twice a second."""

#: more things at once than this are a crowd; those seen longest ago are forgotten first
MOST_TRACKS = 64
MOST_TRACES = 6

#: a track begins with a detection of this score; a weaker one may go on with it
BEGIN_SCORE = 0.35
#: one picture may show anything
CONFIRMED_HITS = 2
#: how much of a track's score the newest detection is
SCORE_SHARE = 0.5

#: a thing may be found so many of its own sizes from where it should be, and so many more for each second
REACH = 0.7
REACH_PER_S = 1.5
REACH_AT_MOST = 3.0
#: nothing grows or shrinks by more than this between two pictures (areas)
GROWS_AT_MOST = 4.0
#: where both were described: how many sizes farther away a thing seems that looks like no kin (a cosine of 0)
UNLIKE = 2.0
#: speed is trusted for so long ahead
AHEAD_S = 2.0

#: a thing that is not seen stays known for so long, or so many pictures; one that stood still, longer
LOST_S = 2.0
LOST_STEPS = 2.5
LOST_STILL_S = 60.0
#: seen so lately counts as seen now: a detector misses one picture here and there
FRESH_S = 1.2
FRESH_STEPS = 1.2

#: after so long without a picture, or so many usual steps, everything may have changed
GAP_S = 15.0
GAP_STEPS = 4.0
#: what is there when watching begins has not just come
WARM_S = 2.0
WARM_LOOKS = 3

#: it stands still while its middle stays within this part of its size
STILL_PART = 0.3
#: "parked", "stands still" without a number
STILL_S = 3.0

#: somebody within so many widths of a body is with the thing
BESIDE = 1.0
#: once it was alone for so long, only a touch that lasts is a return: passing by is none
SETTLED_S = 3.0
TOUCH = 0.3
RETURN_S = 2.0
#: who was here so lately may have put it down
OWNER_WITHIN_S = 15.0
OWNER_WITHIN_STEPS = 3.0
#: "left behind" without a number
ALONE_S = 10.0
#: a patch of new foreground stands for a bag only where it is smaller than a body
PATCH_PART_OF_BODY = 0.8
#: and below the shoulders, as parts of a body's height from above
SHOULDERS = 0.25
#: so many new patches in one picture are nothing that anybody put down
JOLT_PATCHES = 3
#: of the picture: the scene history sees no patch that is smaller, so a smaller thing needs none to be new
PATCH_AREA = 0.004
#: a patch that lies so far in a thing with a name is that thing
EXPLAINED = 0.5

#: "near": about an arm's length, in widths of a body
NEAR = 2.0

#: what happened at one moment is told for so long
TELL_S = 4.0
#: unseen for so long, a thing that was taken is gone
GONE_S = 1.5
#: only what was there this long can be taken away
STOOD_S = 3.0
#: a detector that is less sure loses things that are still there
REMOVED_SCORE = 0.5
