//! The tasks of this repository: `cargo xtask` lists them.

mod application;
mod bench;
mod browser;
mod child;
mod command;
mod demo;
mod driver;
mod example;
mod firefox;
mod folder;
mod gateway;
mod glue;
mod install;
mod npm;
mod order;
mod package;
mod progress;
mod redis;
mod relay;
mod shrink;
mod size;
mod system;
mod test;
mod tools;
mod wasm;
mod webkit;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::example::Example;
use crate::relay::Profile;
use crate::wasm::Optimise;
use crate::workspace::Workspace;

/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// The tasks of this repository
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, start the relay and serve the demo on this machine
    Demo {
        /// Port of the demo; 0 takes any free one
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Build the relay for speed (takes longer)
        #[arg(long)]
        release: bool,
    },
    /// Build the package, start a relay and serve an example application on this machine
    Example {
        /// Which one
        name: Example,
        /// Port of the application
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// Install what the tests need and run them all
    Test {
        /// Run this step and what it needs; may be repeated
        #[arg(long, value_name = "STEP")]
        only: Vec<String>,
        /// What a release needs as well: older and other bundlers and runtimes, kept in docs/compatibility.md
        #[arg(long)]
        full: bool,
    },
    /// Build the wasm and the npm package around it
    Build {
        /// Leave out wasm-opt: quicker, larger
        #[arg(long)]
        dev: bool,
    },
    /// Build, then pack the npm package into pkg/
    Pack,
    /// Build and pack, then print what it costs on the wire; fails above xtask/budgets.json
    Size,
    /// Measure speed and memory side by side with hand-written code and other clients (takes minutes)
    Bench {
        /// Measure this row; may be repeated
        #[arg(long, value_name = "ROW")]
        only: Vec<String>,
    },
    /// Install the wasm target, the npm packages and a browser
    Install,
    /// Build the wasm-bindgen that wasm-pack looks for on PATH, and print its folder
    Tools,
}

fn main() -> ExitCode {
    let Some(task) = Arguments::parse().task else {
        // Printing to a closed pipe is the only way to fail.
        let _ = Arguments::command().print_help();
        return ExitCode::SUCCESS;
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    ctrlc::set_handler(|| {
        application::stop();
        relay::stop();
        gateway::stop();
        std::process::exit(INTERRUPTED);
    })?;
    let workspace = Workspace::find()?;
    match task {
        Task::Demo { port, release } => {
            let profile = if release { Profile::Server } else { Profile::Dev };
            demo::run(&workspace, port, profile)
        }
        Task::Example { name, port } => example::run(&workspace, name, port),
        Task::Test { only, full } => test::run(&workspace, &only, full),
        Task::Build { dev } => {
            let optimise = if dev { Optimise::Nothing } else { Optimise::Size };
            install::for_build(&workspace)?;
            package::build(&workspace, optimise)
        }
        Task::Pack => pack(&workspace),
        Task::Size => {
            pack(&workspace)?;
            size::check(&workspace)
        }
        Task::Bench { only } => bench::run(&workspace, &only),
        Task::Install => install::for_tests(&workspace),
        Task::Tools => {
            println!("{}", tools::build(&workspace)?.display());
            Ok(())
        }
    }
}

fn pack(workspace: &Workspace) -> Result<()> {
    install::for_build(workspace)?;
    package::build(workspace, Optimise::Size)?;
    package::pack(workspace).map(drop)
}
