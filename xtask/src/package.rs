//! The npm package: built from `pkg-template/`, assembled in `pkg/`, packed into the tarball that is checked and published.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::wasm::Optimise;
use crate::workspace::{VERSION, Workspace};
use crate::{command, folder, npm, wasm};

/// The package's source.
pub(crate) const TEMPLATE: &str = "pkg-template";

/// The package as it is published.
pub(crate) const PACKAGE: &str = "pkg";

/// What a user of the package has no use for.
const DEVELOPMENT: [&str; 4] = ["private", "scripts", "devDependencies", "publishConfig"];

/// Beside `dist/`, and from the root of the repository.
const DOCUMENTS: [&str; 4] = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// The core, then the TypeScript around it.
pub(crate) fn build(workspace: &Workspace, optimise: Optimise) -> Result<()> {
    wasm::build(workspace, optimise)?;
    npm::script(workspace, TEMPLATE, "build")
}

/// Assembles `pkg/` from what `build` made and packs it. Returns the tarball.
pub(crate) fn pack(workspace: &Workspace) -> Result<PathBuf> {
    assemble(workspace)?;
    let package = workspace.path(PACKAGE);
    let mut npm_pack = npm::npm(workspace);
    npm_pack.current_dir(&package).args(["pack", "--json", "--ignore-scripts"]);
    let packed: Value =
        serde_json::from_str(&command::output(&mut npm_pack)?).context("`npm pack --json` printed something else")?;
    let packed = &packed[0];
    let tarball = package.join(packed["filename"].as_str().context("`npm pack` named no file")?);
    println!("{}", workspace.shown(&tarball));
    for file in packed["files"].as_array().into_iter().flatten() {
        println!("{:>9}  {}", file["size"].as_u64().unwrap_or_default(), file["path"].as_str().unwrap_or_default());
    }
    println!(
        "{:>9}  unpacked, {} packed",
        packed["unpackedSize"].as_u64().unwrap_or_default(),
        packed["size"].as_u64().unwrap_or_default()
    );
    Ok(tarball)
}

/// Where `pack` leaves the tarball.
pub(crate) fn tarball(workspace: &Workspace) -> Result<PathBuf> {
    workspace.existing(&format!("{PACKAGE}/tautline-{VERSION}.tgz"))
}

/// npm's own `pkg` edits the manifest, because the order of the keys in `exports` carries meaning.
fn assemble(workspace: &Workspace) -> Result<()> {
    let package = workspace.path(PACKAGE);
    let manifest = workspace.existing(&format!("{TEMPLATE}/package.json"))?;
    let dist = workspace.existing(&format!("{TEMPLATE}/dist"))?;
    folder::empty(&package)?;
    folder::copy(&dist, &package.join("dist"))?;
    fs::copy(manifest, package.join("package.json"))?;
    for document in DOCUMENTS {
        fs::copy(workspace.existing(document)?, package.join(document))?;
    }
    // npm includes a README by itself, but neither a changelog nor a licence with a suffix.
    let files: Vec<&str> = ["dist"].into_iter().chain(DOCUMENTS).collect();
    let mut set = npm::npm(workspace);
    set.current_dir(&package).args(["pkg", "set", "--json"]);
    set.arg(format!("version={}", json!(VERSION))).arg(format!("files={}", json!(files)));
    command::run(&mut set)?;
    let mut delete = npm::npm(workspace);
    delete.current_dir(&package).args(["pkg", "delete"]).args(DEVELOPMENT);
    command::run(&mut delete)
}
