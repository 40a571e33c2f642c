"""The stages that Sauti brings, and how others are found."""
