"""What a shell offers when Tab is pressed: nothing of it asks AWS, or loads what would take long."""
