//! The binary: reads the command line and hands over to the shell.

fn main() {}
