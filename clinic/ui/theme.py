"""Colours for a dim room: dark, little light from the screen, one warm accent, and text of good contrast.

Every colour is one of xterm's 256, so that a screen looks the same with them and with all colours. Words carry every
meaning; a colour only repeats it, so that nothing is lost to an eye that confuses colours.
"""

from __future__ import annotations

from textual.theme import Theme

DIM_ROOM = Theme(
    name="sauti-dim-room",
    dark=True,
    primary="#d7af5f",
    secondary="#5f8787",
    accent="#d7af5f",
    foreground="#c6c6c6",
    background="#080808",
    surface="#121212",
    panel="#262626",
    success="#87d787",
    warning="#ffaf5f",
    error="#ff8787",
    variables={
        "input-selection-background": "#d7af5f 30%",
        "border-blurred": "#444444",
        "border": "#d7af5f",
        "footer-background": "#262626",
        "scrollbar": "#444444",
        "scrollbar-background": "#121212",
        "scrollbar-corner-color": "#121212",
    },
)

CSS = """
Screen { background: $background; color: $foreground; }
.column { width: 100%; max-width: 76; height: 1fr; padding: 1 2; }
.column.centred { align-vertical: middle; }
#centre { height: 1fr; align-horizontal: center; }
.title { text-style: bold; color: $primary; margin-bottom: 1; }
.soft { color: $foreground 70%; }
.gap { margin-bottom: 1; }
.field { height: 1; margin-bottom: 1; }
.dense .field { margin-bottom: 0; }
.field > Label { width: 27; color: $foreground 80%; }
.field > Input { width: 1fr; height: 1; border: none; background: $panel; padding: 0 1; }
.field > Input:focus { background: #875f00; color: #ffffd7; }
.foot { dock: bottom; height: auto; }
OptionList { background: $surface; border: none; padding: 0; }
OptionList:focus { background-tint: $foreground 0%; border: none; }
OptionList > .option-list--option { padding: 0 1; }
OptionList > .option-list--option-highlighted { background: #875f00; color: #ffffd7; text-style: bold; }
OptionList:focus > .option-list--option-highlighted { background: $primary; color: #080808; text-style: bold; }
.dialog KeyBar { background: $surface; padding: 0; margin-top: 1; }
ModalScreen { align: center middle; background: $background 60%; }
.dialog { width: 56; max-width: 96%; height: auto; max-height: 90%; }
.dialog { background: $surface; border: round $primary; padding: 1 2; }
.dialog OptionList { height: auto; max-height: 12; }
.dialog.dense { padding: 0 1; }
.dialog.dense .title { margin-bottom: 0; }
.dialog.dense KeyBar { margin-top: 0; }
"""
