//! The core as WebAssembly: compiled, bound to JavaScript, optimised, packed, and written where the npm package's source imports it.
//!
//! In: the crate at the root, and the one that unpacks it. Out: `pkg-template/src/wasm/` (glue, declarations, snippets, the wasm,
//! and both as text).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lzma_rust2::{EncodeMode, LzmaOptions, LzmaWriter, MfType};
use wasm_bindgen_cli_support::Bindgen;

use crate::workspace::Workspace;
use crate::{command, folder, npm, shrink};

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

/// The wasm as the npm package's source imports it, inside `FOLDER`.
pub(crate) const BYTES: &str = "bytes.ts";

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
    let bound = workspace.scratch("wasm");
    folder::empty(&bound)?;
    bind(&compile(workspace, "tautline")?, &bound)?;
    let wasm = bound.join(WASM);
    let unpacker = workspace.scratch("unpacker.wasm");
    fs::copy(compile(workspace, "tautline-unpack")?, &unpacker)?;
    optimise_size(workspace, &unpacker)?;
    if optimise == Optimise::Size {
        shrink::shrink(&wasm, &bound.join("tautline.js"))?;
        optimise_size(workspace, &wasm)?;
    }
    let core = fs::read(&wasm)?;
    fs::write(bound.join(BYTES), as_text(&core, &fs::read(&unpacker)?)?)?;
    let destination = workspace.path(FOLDER);
    folder::empty(&destination)?;
    folder::copy(&bound, &destination)?;
    println!("{FOLDER}/{WASM}: {} bytes", core.len());
    Ok(())
}

/// What pkg-template/src/load.ts imports.
fn as_text(core: &[u8], unpacker: &[u8]) -> Result<String> {
    let (packed, unpacker) = (STANDARD.encode(pack(core)?), STANDARD.encode(unpacker));
    let length = core.len();
    Ok(format!(
        "/** How long the core's wasm is. */\nexport const length: number = {length}\n\
         /** It, packed, as base64. */\nexport const packed: string =\n  \"{packed}\"\n\
         /** The wasm that unpacks it, as base64. */\nexport const unpacker: string =\n  \"{unpacker}\"\n"
    ))
}

/// As the crate in unpack/ reads it. Wasm is not aligned, so no position bits are worth their room.
fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let longest = LzmaOptions::NICE_LEN_MAX;
    let options = LzmaOptions::new(1 << 20, 3, 0, 0, EncodeMode::Normal, longest, MfType::Bt4, 1000);
    let mut writer = LzmaWriter::new_no_header(Vec::new(), &options, false)?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?)
}

/// A cdylib alone: together with the rlib, rustc would give up link-time optimisation.
fn compile(workspace: &Workspace, package: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo
        .args(["rustc", "--package", package, "--lib", "--crate-type", "cdylib"])
        .args(["--release", "--target", "wasm32-unknown-unknown"])
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(workspace)?);
    command::run(&mut cargo)?;
    Ok(workspace.target.join(format!("wasm32-unknown-unknown/release/{}.wasm", package.replace('-', "_"))))
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
        .remove_producers_section(true);
    bindgen.generate(out).with_context(|| format!("wasm-bindgen could not bind {}", compiled.display()))
}

fn optimise_size(workspace: &Workspace, wasm: &Path) -> Result<()> {
    command::run(
        npm::program(workspace, "wasm-opt")?
            .args(FEATURES)
            .args(["--strip-debug", "--strip-producers", "--strip-target-features", "--low-memory-unused"])
            .args(["--flatten", "--rereloop", "-Oz", "-Oz", "-o"])
            .arg(wasm)
            .arg(wasm),
    )
}

#[cfg(test)]
mod tests {
    use super::pack;
    use tautline_unpack::{CHANCES, EVEN, unpack};

    fn unpacked(bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![0; bytes.len()];
        unpack(&pack(bytes).unwrap(), &mut out, &mut [EVEN; CHANCES]);
        out
    }

    #[test]
    fn what_was_packed_is_unpacked_byte_for_byte() {
        assert_eq!(unpacked(b""), b"");
        assert_eq!(unpacked(b"a"), b"a");
        let source = include_bytes!("wasm.rs");
        assert_eq!(unpacked(source), source);
    }

    #[test]
    fn matches_near_far_short_and_repeated_are_found_again() {
        let mut state = 1u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let mut bytes: Vec<u8> = noise.take(200_000).collect();
        for from in [0, 150_000, 3, 199_000, 70_000] {
            for length in [2, 3, 9, 17, 300, 1] {
                bytes.extend_from_within(from..from + length);
                bytes.push(7);
            }
        }
        bytes.extend([5; 1000]);
        assert_eq!(unpacked(&bytes), bytes);
    }
}
