"""How fast it is and how little it needs: figures beside a baseline that is measured in the same run."""
