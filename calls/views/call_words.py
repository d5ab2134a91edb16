"""Every sentence that the modules of the call page say, translated; they know them by key."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

WORDS: Mapping[str, str | Promise] = {
    # The device check
    "join": _("Join"),
    "join_audio": _("Join without camera"),
    "join_video": _("Join without microphone"),
    "join_nothing": _("Join without camera and microphone"),
    "join_line": _("Wait in line"),
    "join_audio_line": _("Wait in line without camera"),
    "join_video_line": _("Wait in line without microphone"),
    "join_nothing_line": _("Wait in line without camera and microphone"),
    "default_device": _("Standard device"),
    "camera_n": _("Camera {n}"),
    "microphone_n": _("Microphone {n}"),
    "speaker_n": _("Speaker {n}"),
    "no_camera": _("No camera"),
    "no_microphone": _("No microphone"),
    "camera_is_off": _("Your camera is off"),
    "asking_devices": _("Your browser asks whether this page may use camera and microphone."),
    "someone_waits": _("{name} has been waiting since {time}."),
    "someone_is_in": _("{name} has already joined."),
    # Devices that cannot be used
    "refused_audio": _("{browser} does not let this page use your microphone"),
    "refused_video": _("{browser} does not let this page use your camera"),
    "refused_both": _("{browser} does not let this page use your camera and microphone"),
    "refused_help_chrome": _(
        "Choose the symbol at the left end of the address bar, allow camera and microphone there, "
        "then choose “Try again”."
    ),
    "refused_help_edge": _(
        "Choose the lock at the left end of the address bar, open “Permissions for this site”, "
        "allow camera and microphone, then choose “Try again”."
    ),
    "refused_help_firefox": _(
        "Choose the crossed-out camera or microphone at the left end of the address bar, remove "
        "the block, then choose “Try again”."
    ),
    "refused_help_safari": _(
        "Open the menu Safari, “Settings for This Website”, set camera and microphone to “Allow”, "
        "then choose “Try again”."
    ),
    "refused_help_ios": _(
        "Tap the page symbol in the address bar, “Website Settings”, set camera and microphone to "
        "“Allow”, then choose “Try again”."
    ),
    "refused_help_other": _(
        "Allow camera and microphone for this page in the settings of your browser, then choose "
        "“Try again”."
    ),
    "missing_audio": _("No microphone was found"),
    "missing_video": _("No camera was found"),
    "missing_both": _("No camera and no microphone were found"),
    "missing_help": _(
        "Plug one in or switch it on, then choose “Try again”. You can also join as you are."
    ),
    "in_use_audio": _("Another program is using your microphone"),
    "in_use_video": _("Another program is using your camera"),
    "in_use_both": _("Another program is using your camera and microphone"),
    "in_use_help": _("Close other video programs and browser tabs, then choose “Try again”."),
    "insecure_audio": _("The microphone works on secure pages only"),
    "insecure_video": _("The camera works on secure pages only"),
    "insecure_both": _("Camera and microphone work on secure pages only"),
    "insecure_help": _("The address of this page must begin with https. Please tell who runs it."),
    "other_audio": _("Your microphone could not be started"),
    "other_video": _("Your camera could not be started"),
    "other_both": _("Camera and microphone could not be started"),
    "other_help": _("Choose another device below, or “Try again”."),
    "this_browser": _("Your browser"),
    # A place in a queue
    "line_rings": _("Somebody is being asked to take you"),
    "line_kept": _("Your place is kept"),
    "line_next": _("You are next"),
    "line_place": _("You are number {n} in line"),
    "line_turn": _("It is your turn"),
    "line_nobody_there": _("Nobody of the team is here right now."),
    "line_unknown": _("We cannot say yet how long it will take."),
    "line_at_once": _("Usually answered within a minute."),
    "line_under_a_minute": _("Probably less than a minute;"),
    "line_about_one": _("Probably about {count} minute;"),
    "line_about_other": _("Probably about {count} minutes;"),
    "line_between": _("eight of ten people wait between {from} and {until} minutes."),
    "fallback_place": _(
        "Your clinician is late. Somebody else is being asked: you are number {n}."
    ),
    # Handing on
    "consult_ringing": _("Asking {name}…"),
    "consult_accepted": _("{name} is with you."),
    "consult_declined": _("{name} cannot take it now."),
    "consult_missed": _("{name} did not answer."),
    "consult_withdrawn": "",
    "handed_on": _("{by} hands you on. Please stay: somebody goes on with you here."),
    "handed_to": _("{by} has handed you on: {name} goes on with you."),
    "goes_on": _("{name} goes on with you."),
    # Controls; the letter in brackets is the key
    "mute": _("Mute"),
    "unmute": _("Unmute"),
    "camera_off": _("Stop camera"),
    "camera_on": _("Start camera"),
    "share": _("Share screen"),
    "share_stop": _("Stop sharing"),
    "chat_open": _("Chat"),
    "chat_unread_one": _("Chat, {count} new message"),
    "chat_unread_other": _("Chat, {count} new messages"),
    "with_key": _("{action} ({key})"),
    "muted_now": _("You are muted."),
    "unmuted_now": _("You can be heard."),
    "camera_off_now": _("Your camera is off."),
    "camera_on_now": _("You can be seen."),
    "share_refused": _("The screen is not shared."),
    # People and connections
    "you": _("You"),
    "recorder": _("Recorder"),
    "connecting": _("Connecting…"),
    "reconnecting": _("Reconnecting…"),
    "server_away": _("Reconnecting to the server; you can go on talking"),
    "person_reconnecting": _("{name} is reconnecting…"),
    "place_kept": _("{name} lost the connection. The place is kept."),
    "quality_good": _("Good connection"),
    "quality_fair": _("Connection is weak"),
    "quality_poor": _("Connection is very weak"),
    "quality_unknown": _("Connected"),
    "quality_you_fair": _("Your connection is weak"),
    "quality_you_poor": _("Your connection is very weak"),
    "quality_them_fair": _("{name}’s connection is weak"),
    "quality_them_poor": _("{name}’s connection is very weak"),
    "done_both": _("Video is paused so that you can hear each other."),
    "done_mine": _("Your video is paused so that {name} can hear you."),
    "done_theirs": _("{name}’s video is paused so that you can hear each other."),
    "done_text": _(
        "The connection is too weak for sound. You can write to each other in the chat; sound and "
        "picture come back by themselves."
    ),
    "picture_paused": _("Video is paused: the connection is weak"),
    "muted": _("Muted"),
    "not_here": _("{name} is not here yet"),
    "not_here_text": _("You will see and hear each other as soon as {name} joins."),
    "in_waiting_room": _("{name} is in the waiting room"),
    "in_waiting_room_text": _("Admit when you are ready. Until then you are not seen or heard."),
    "went": _("{name} has left"),
    "went_text": _("It stays open: {name} can come back."),
    "in_visit": _("In the call"),
    "is_waiting": _("Waiting to be admitted"),
    "has_left": _("Left"),
    "waits_since": _("Waiting since {time} · {timer}"),
    "waits_title": _("{name} is waiting"),
    "waiting_since": _("You have been waiting since {time} ({timer})."),
    # News
    "news_waiting": _("{name} is in the waiting room."),
    "news_joined": _("{name} has joined."),
    "news_left": _("{name} has left."),
    "news_dropped": _("{name} lost the connection."),
    "news_admitted": _("You have been admitted."),
    "news_chat": _("{name}: {text}"),
    # On hold
    "hold": pgettext_lazy("in a visit", "Hold"),
    "hold_several": _("Hold…"),
    "hold_text": _(
        "You are not seen or heard, and nothing of you is recorded. Please stay: you will be taken "
        "off hold, and all goes on by itself."
    ),
    "hold_between": _(
        "You are not seen or heard, and nothing of you is recorded. Please stay: the next person "
        "comes to you here as soon as they can."
    ),
    "resume": _("Resume"),
    "on_hold": _("On hold"),
    "music_on": _("Turn music on"),
    "music_off": _("Turn music off"),
    "kept_from": _("Not shown to {names}"),
    "news_held": _("{name} is on hold and sees, hears and reads nothing."),
    "news_resumed": _("{name} is off hold."),
    "news_held_you": _("You are on hold. You are not seen or heard."),
    "news_resumed_you": _("You are off hold. You are seen and heard again."),
    # Supervisors
    "supervisor": _("Supervisor"),
    "agents": _("the agent"),
    "own_listen": _("You see and hear everybody. Nobody sees or hears you."),
    "own_whisper": _("Only {agents} can hear you."),
    "own_join": _("Everybody sees and hears you."),
    "supervisor_is_listening": _("{name} (supervisor) is listening."),
    "supervisor_speaks_with_you": _("{name} (supervisor) speaks with you only."),
    "supervisor_speaks_with": _("{name} (supervisor) speaks with {agents} only."),
    "supervisor_listen": _("Supervisor: listens"),
    "supervisor_whisper": _("Supervisor: speaks with the agent only"),
    "supervisor_join": _("Supervisor: takes part"),
    "news_supervisor_joins": _("{name} (supervisor) takes part now."),
    # Reactions, writing, the safety code
    "react_thumb": _("Thumb up"),
    "react_heart": _("Heart"),
    "react_applause": _("Applause"),
    "react_smile": _("Smile"),
    "react_hand": _("Raised hand"),
    "react_sent": _("Shown to the others: {what}"),
    "react_news": _("{name}: {what}"),
    "typing_one": _("{names} is writing…"),
    "typing_other": _("{names} are writing…"),
    "safety_with": _("With {name}"),
    "safety_later": _("There is a code as soon as you are connected."),
    # Recording
    "record": _("Record"),
    "record_stop": _("Stop recording"),
    "asked_waiting": _("Recording: waiting for the answer of {names}"),
    "queued": _("Recording is starting…"),
    "not_recorded": _("Not recorded"),
    "delayed": _("The recorder does not answer. You go on unrecorded."),
    "recording_on": pgettext_lazy("under way", "Recording"),
    "recording_since": _("Recorded since {time}"),
    "recorded_who": _("Since {time}: {names}"),
    "recorded_not": _("Not recorded: {names}"),
    "recorded_nobody": _("Since {time}: nobody is recorded now"),
    "recorded_you": _("you"),
    "not_recorded_you": _("A recording is made, but not of you."),
    "stopped": _("The recording has stopped."),
    "stopped_withdrawn": _("The recording has stopped: consent was withdrawn."),
    "refused": _("Nothing is recorded: not everyone agreed."),
    "failed": _("The recording failed. You go on unrecorded."),
    "failed_disk_full": _(
        "The recording ended: the recorder has no space left. What was recorded is kept."
    ),
    "failed_key_unavailable": _("The recording cannot start: its encryption key is not available."),
    "news_recording_on": _("The recording has begun."),
    "news_consent": _("{name} agrees to be recorded."),
    # Refusals of the server
    "error_forbidden": _("You may not do that here."),
    "error_recorder_busy": _("No more can be recorded at the moment. Please try again later."),
    "error_bad_state": _("That is not possible now."),
    "error_unavailable": _("The server could not do that. Please try again."),
    "error_rate": _("That was too fast. Please try again."),
    "error_other": _("That did not work. Please try again."),
    # The end
    "lasted_one": _("It lasted {count} minute."),
    "lasted_other": _("It lasted {count} minutes."),
    "gone_signed_out": _("You have been signed out"),
    "gone_signed_out_text": _("Sign in again to come back."),
    "gone_forbidden": _("This page is not open to you"),
    "gone_forbidden_text": _("Please ask who invited you."),
    "gone_fault": _("The connection was closed"),
    "gone_fault_text": _("Something went wrong between this page and the server."),
}


def words(meeting: Mapping[str, str | Promise]) -> dict[str, str]:
    """The catalogue in the language of this request, with what this meeting is called."""
    return {key: str(text) for key, text in {**WORDS, **meeting}.items()}
