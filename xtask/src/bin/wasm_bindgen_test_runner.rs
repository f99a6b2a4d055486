//! `wasm-bindgen-test-runner`, in the one version of our lock file: cargo calls it with every wasm test binary.
//!
//! Its web server gives a connection to a thread that it believes idle, also when that one was just given another: then a script of the
//! page waits until the other ends, which may be never. A thread that is through with a connection looks for one that waits, so
//! connections that end at once keep coming.

use std::env;
use std::net::TcpStream;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// How long a script waits at most.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    if let Ok(address) = env::var("WASM_BINDGEN_TEST_ADDRESS") {
        thread::spawn(move || keep_going(&address));
    }
    match wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(env::args_os()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Until the process ends; before there is a server, nothing happens.
fn keep_going(address: &str) -> ! {
    loop {
        drop(TcpStream::connect(address));
        thread::sleep(PAUSE);
    }
}
