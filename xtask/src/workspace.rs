//! Where things are: the repository root, cargo's target directory, and the folders the tasks write to.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command;

/// The version of every crate here and of the npm package.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The repository as the tasks see it.
pub(crate) struct Workspace {
    /// The folder of the root Cargo.toml.
    pub(crate) root: PathBuf,
    /// Cargo's target directory, wherever the user has put it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map(PathBuf::from)
            .context("expected to be started by cargo: run `cargo xtask`")?;
        let root = manifest_dir.parent().context("xtask has no parent folder")?.to_path_buf();
        let mut metadata = cargo();
        metadata.current_dir(&root).args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: serde_json::Value = serde_json::from_str(&command::output(&mut metadata)?)?;
        let target =
            metadata["target_directory"].as_str().context("`cargo metadata` named no target_directory")?.into();
        Ok(Self { root, target })
    }

    /// A path below the root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path below the root that has to exist already.
    pub(crate) fn existing(&self, relative: &str) -> Result<PathBuf> {
        let path = self.path(relative);
        if !path.exists() {
            bail!("expected {relative} in the repository, but it is not there");
        }
        Ok(path)
    }

    /// Scratch space for one task.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// A path as a person at the root would type it.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }

    /// `cargo` at the root.
    pub(crate) fn cargo(&self) -> std::process::Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }
}

fn cargo() -> std::process::Command {
    std::process::Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
