"""What people get wrong: for each operation the variants that are written by mistake, a module or more a family."""
