//! This machine: what is on its PATH, and what its package manager brings.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::command;

/// Asked by Debian's packages before they start a service; 101 says no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// A program on PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program).with_extension(env::consts::EXE_EXTENSION))
        .find(|path| path.is_file())
}

/// Whether packages can be installed without asking anybody.
pub(crate) fn is_debian_as_root() -> bool {
    let debian =
        fs::read_to_string("/etc/os-release").is_ok_and(|release| release.lines().any(|line| line == "ID=debian"));
    let root =
        Command::new("id").arg("-u").stderr(Stdio::null()).output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    debian && root
}

/// Installs packages of Debian. Services in them are not started.
pub(crate) fn apt_install(packages: &[&str]) -> Result<()> {
    let _quiet = NoServices::start()?;
    command::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    command::run(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            .args(packages),
    )
}

/// As long as it lives, packages start no service. A policy that is there already stays.
struct NoServices {
    ours: bool,
}

impl NoServices {
    fn start() -> Result<Self> {
        let mut file = match OpenOptions::new().write(true).create_new(true).open(POLICY) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(Self { ours: false }),
            Err(error) => return Err(error.into()),
        };
        let started = Self { ours: true };
        file.write_all(b"#!/bin/sh\nexit 101\n")?;
        #[cfg(unix)]
        fs::set_permissions(POLICY, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(started)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.ours {
            // At worst it stays, and says no to the next service.
            let _ = fs::remove_file(Path::new(POLICY));
        }
    }
}
