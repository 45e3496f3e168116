"""The suite `drift`: true drift among what clouds answer differently at every read."""
