"""A camera that we can script: real RTSP and MJPEG on a real socket, with misbehaviour on demand.

Takes: a video file or the scene that we draw ourselves.
Gives: addresses that any RTSP client can open, and exact counts of what was sent.
Knows nothing about: rules, the database, and every other room of this project."""

from plainwatch.simulator.clip import Clip
from plainwatch.simulator.encode import AccessUnit, AccessUnits, encode_clip
from plainwatch.simulator.faults import Fault
from plainwatch.simulator.footage import Footage, file_footage
from plainwatch.simulator.mjpeg import MjpegCamera, mjpeg_in_thread
from plainwatch.simulator.mount import Mount, Playback
from plainwatch.simulator.rtsp import Simulator, serve_in_thread
from plainwatch.simulator.scene import SCENE_EVENTS, scene_footage

__all__ = [
    "SCENE_EVENTS",
    "AccessUnit",
    "AccessUnits",
    "Clip",
    "Fault",
    "Footage",
    "MjpegCamera",
    "Mount",
    "Playback",
    "Simulator",
    "encode_clip",
    "file_footage",
    "mjpeg_in_thread",
    "scene_footage",
    "serve_in_thread",
]
