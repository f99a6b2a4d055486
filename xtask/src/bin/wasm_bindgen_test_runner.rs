//! `wasm-bindgen-test-runner`, in the one version of our lock file: cargo calls it with every wasm test binary.
//!
//! Its web server has four threads to begin with, and gives a connection to one that it believes idle, also when that one was just given
//! another: then the page waits for its script for ever. So connections that say nothing keep those four busy, and every
//! other one gets a thread of its own.

use std::env;
use std::net::TcpStream;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// How many threads the server begins with.
const THREADS: usize = 4;

fn main() -> ExitCode {
    if let Ok(address) = env::var("WASM_BINDGEN_TEST_ADDRESS") {
        thread::spawn(move || keep_busy(&address));
    }
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Until the process ends, from when there is a server; no browser is as quick.
fn keep_busy(address: &str) {
    let mut connections = Vec::new();
    while connections.len() < THREADS {
        match TcpStream::connect(address) {
            Ok(connection) => connections.push(connection),
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
    loop {
        thread::park();
    }
}
