"""Colours for a dim room: dark, little light from the screen, one warm accent, and text of good contrast.

Words carry every meaning; a colour only repeats it, so that nothing is lost to an eye that confuses colours.
"""

from __future__ import annotations

from textual.theme import Theme

DIM_ROOM = Theme(
    name="sauti-dim-room",
    dark=True,
    primary="#e8a33d",
    secondary="#4f8f8b",
    accent="#e8a33d",
    foreground="#c3cdd3",
    background="#0b0f12",
    surface="#121920",
    panel="#1a232b",
    success="#63c98a",
    warning="#f0b45a",
    error="#ef7d6b",
    variables={
        "input-selection-background": "#e8a33d 30%",
        "border-blurred": "#2b3a45",
        "border": "#e8a33d",
        "footer-background": "#1a232b",
        "scrollbar": "#2b3a45",
        "scrollbar-background": "#121920",
        "scrollbar-corner-color": "#121920",
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
.field > Input:focus { background: #3a2a10; color: #ffe9c4; }
.foot { dock: bottom; height: auto; }
OptionList { background: $surface; border: none; padding: 0; height: 1fr; }
OptionList > .option-list--option { padding: 0 1; }
OptionList > .option-list--option-highlighted { background: $panel; color: $foreground; }
OptionList:focus > .option-list--option-highlighted { background: $primary; color: #14100a; text-style: bold; }
.dialog KeyBar { background: $surface; padding: 0; margin-top: 1; }
ModalScreen { align: center middle; background: $background 60%; }
.dialog { width: 56; max-width: 96%; height: auto; max-height: 90%; }
.dialog { background: $surface; border: round $primary; padding: 1 2; }
.dialog OptionList { height: auto; max-height: 12; }
"""
