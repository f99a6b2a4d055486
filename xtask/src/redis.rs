//! The redis-server that the relay's tests start: found on this machine, or installed.

use anyhow::{Result, bail};

use crate::system;

const PROGRAM: &str = "redis-server";

/// Finds it, or installs it. No service is left running.
pub(crate) fn ensure() -> Result<()> {
    if let Some(path) = system::on_path(PROGRAM) {
        println!("redis: {}", path.display());
        return Ok(());
    }
    if !system::is_debian_as_root() {
        bail!(
            "`{PROGRAM}` was not found: install it with your system's package manager (the package is called redis-server or redis)"
        );
    }
    println!("redis: none found, so Debian's own is installed");
    system::apt_install(&[PROGRAM])?;
    if system::on_path(PROGRAM).is_none() {
        bail!("`{PROGRAM}` was installed but not found: is /usr/bin in PATH?");
    }
    Ok(())
}
