//! The core as WebAssembly: compiled, bound to JavaScript, optimised, and written where the npm package's source imports it.
//!
//! In: the crate at the root. Out: `pkg-template/src/wasm/` (glue, declarations, snippets, the wasm, and the wasm as base64).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasm_bindgen_cli_support::Bindgen;

use crate::workspace::Workspace;
use crate::{command, folder, npm};

/// Where the npm package's source expects the core, from the root.
pub(crate) const FOLDER: &str = "pkg-template/src/wasm";

/// The wasm inside `FOLDER`.
pub(crate) const WASM: &str = "tautline_bg.wasm";

/// The core calls little and recurses nowhere deep; LLVM's default of 1 MiB would be reserved in every tab.
const STACK_BYTES: u32 = 65_536;

/// What rustc emits by default, and every browser since 2022 has.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// How much work to put into a small wasm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Optimise {
    /// wasm-opt -Oz: what is published.
    Size,
    /// None after rustc: quicker, larger.
    Nothing,
}

/// Builds the core into `FOLDER`.
pub(crate) fn build(workspace: &Workspace, optimise: Optimise) -> Result<()> {
    let compiled = compile(workspace)?;
    let bound = workspace.scratch("wasm");
    folder::empty(&bound)?;
    bind(&compiled, &bound)?;
    let wasm = bound.join(WASM);
    if optimise == Optimise::Size {
        shrink(workspace, &wasm)?;
    }
    let bytes = fs::read(&wasm)?;
    fs::write(
        bound.join("bytes.ts"),
        format!("/** The wasm, as base64. */\nexport const bytes: string =\n  \"{}\";\n", STANDARD.encode(&bytes)),
    )?;
    let destination = workspace.path(FOLDER);
    folder::empty(&destination)?;
    folder::copy(&bound, &destination)?;
    println!("{FOLDER}/{WASM}: {} bytes", bytes.len());
    Ok(())
}

/// A cdylib alone: together with the rlib, rustc would give up link-time optimisation.
fn compile(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["rustc", "--package", "tautline", "--lib", "--crate-type", "cdylib"])
        .args(["--release", "--target", "wasm32-unknown-unknown"])
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(workspace)?);
    command::run(&mut cargo)?;
    Ok(workspace.target.join("wasm32-unknown-unknown/release/tautline.wasm"))
}

/// A small stack, and no path of this machine in the panic messages.
fn rustflags(workspace: &Workspace) -> Result<OsString> {
    let sysroot = command::output(
        Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
            .current_dir(&workspace.root)
            .args(["--print", "sysroot"]),
    )?;
    let cargo_home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let mut flags: Vec<OsString> = vec!["-C".into(), format!("link-arg=-zstack-size={STACK_BYTES}").into()];
    let mut remap = |from: &Path, to: &str| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(from);
        flag.push("=");
        flag.push(to);
        flags.push(flag);
    };
    remap(Path::new(sysroot.trim()), "/rust");
    if let Some(cargo_home) = cargo_home {
        remap(&cargo_home, "/cargo");
    }
    remap(&workspace.target, "/target");
    remap(&workspace.root, "/tautline");
    Ok(flags.join(std::ffi::OsStr::new("\u{1f}")))
}

/// Without a default path the glue has no `import.meta`: bundlers have nothing to resolve, the package hands it the bytes.
fn bind(compiled: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name("tautline")
        .web(true)?
        .typescript(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.generate(out).with_context(|| format!("wasm-bindgen could not bind {}", compiled.display()))
}

fn shrink(workspace: &Workspace, wasm: &Path) -> Result<()> {
    command::run(
        npm::program(workspace, "wasm-opt")?
            .args(FEATURES)
            .args(["-Oz", "--strip-debug", "--strip-producers", "-o"])
            .arg(wasm)
            .arg(wasm),
    )
}
