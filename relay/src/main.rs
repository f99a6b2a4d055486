//! The binary: reads the command line and hands over to the shell.

use std::process::ExitCode;

use clap::Parser;
use tautline_relay::shell::{Options, run};

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tautline-relay: {error}");
            ExitCode::FAILURE
        }
    }
}
