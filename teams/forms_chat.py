"""The chat that is told what happens: which program it is, and its address."""

from __future__ import annotations

from django import forms

from teams.models import ChatHook
from teams.outgoing import Unreachable, addresses_of, target_of


class ChatForm(forms.Form):
    """A chat's address is typed, and never shown again."""

    shape = forms.ChoiceField(label="Program", choices=ChatHook.Shape, widget=forms.RadioSelect)
    url = forms.CharField(
        label="Address of its incoming webhook",
        max_length=2000,
        help_text="Whoever has it can write into the chat: it is kept sealed and not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Paste the address that the chat program gave you.",
            "max_length": "The address is longer than 2,000 characters.",
        },
    )

    def clean_url(self) -> str:
        """An https address of a machine that may be asked."""
        url = self.cleaned_data["url"]
        try:
            addresses_of(target_of(url))
        except Unreachable as refused:
            raise forms.ValidationError(str(refused)) from None
        return url
