//! The binary: reads the options and hands over to the shell.

use std::process::ExitCode;

use tautline_relay::shell::{Config, ConfigError, RunError, run};

/// The options are wrong, as other programs say it.
const WRONG_OPTIONS: u8 = 2;

fn main() -> ExitCode {
    let config = match Config::read(std::env::args_os()) {
        Ok(config) => config,
        Err(ConfigError::Usage(error)) => error.exit(),
        Err(error) => return fail(&error, WRONG_OPTIONS),
    };
    if config.options.check_config {
        print!("{}", config.effective());
        let problems = config.options.problems();
        for problem in &problems {
            eprintln!("tautline-relay: {problem}");
        }
        return if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(WRONG_OPTIONS) };
    }
    match run(&config.options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ RunError::Options(_)) => fail(&error, WRONG_OPTIONS),
        Err(error) => fail(&error, 1),
    }
}

fn fail(error: &impl std::fmt::Display, code: u8) -> ExitCode {
    eprintln!("tautline-relay: {error}");
    ExitCode::from(code)
}
