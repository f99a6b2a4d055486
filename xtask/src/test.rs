//! Every test of the repository, one step after another, with a summary at the end.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::progress::Progress;
use crate::relay::Profile;
use crate::wasm::Optimise;
use crate::workspace::Workspace;
use crate::{
    browser, command, demo, driver, example, firefox, gateway, install, npm, package, redis, relay, size, wasm,
};

struct Step {
    name: &'static str,
    title: &'static str,
    /// Steps that have to pass before this one makes sense.
    needs: &'static [&'static str],
    run: fn(&Workspace) -> Result<()>,
}

const STEPS: [Step; 20] = [
    Step {
        name: "install",
        title: "the wasm target, npm packages, two browsers, a redis-server",
        needs: &[],
        run: install::for_tests,
    },
    Step {
        name: "fmt",
        title: "Rust is formatted",
        needs: &[],
        run: |workspace| command::run(workspace.cargo().args(["fmt", "--all", "--check"])),
    },
    Step {
        name: "clippy",
        title: "no lint, natively",
        needs: &[],
        run: |workspace| {
            let mut cargo = workspace.cargo();
            cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
            command::run(&mut cargo)
        },
    },
    Step {
        name: "clippy-wasm",
        title: "no lint in the browser's half",
        needs: &["install"],
        run: |workspace| {
            let mut cargo = workspace.cargo();
            cargo.args(["clippy", "--package", "tautline", "--all-targets"]);
            cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
            command::run(&mut cargo)?;
            let cores = wasm::CORES.iter().map(|core| ("tautline", core));
            let decoders = wasm::DECODERS.iter().map(|decoder| ("tautline-inflate", decoder));
            cores.chain(decoders).try_for_each(|(package, feature)| {
                let mut cargo = workspace.cargo();
                cargo.args(["clippy", "--package", package, "--lib", "--no-default-features", "--features", feature]);
                cargo.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
                command::run(&mut cargo)
            })
        },
    },
    Step { name: "redis", title: "the redis-server of the relay's tests", needs: &[], run: |_| redis::ensure() },
    Step {
        name: "cargo",
        title: "unit tests, scenarios, simulation, relay",
        needs: &["redis"],
        run: |workspace| command::run(workspace.cargo().args(["test", "--workspace"])),
    },
    Step {
        name: "rustdoc",
        title: "the Rust documentation builds without a warning",
        needs: &[],
        run: |workspace| {
            let mut cargo = workspace.cargo();
            cargo.args(["doc", "--workspace", "--no-deps"]);
            command::run(cargo.env("RUSTDOCFLAGS", "-D warnings"))
        },
    },
    Step {
        name: "build",
        title: "the wasm and the npm package",
        needs: &["install"],
        run: |workspace| package::build(workspace, Optimise::Size),
    },
    Step {
        name: "size",
        title: "no more bytes than xtask/budgets.json allows",
        needs: &["build"],
        run: |workspace| {
            package::pack(workspace)?;
            size::check(workspace)
        },
    },
    Step {
        name: "relay",
        title: "the relay that the browsers talk to",
        needs: &[],
        run: |workspace| relay::build(workspace, Profile::Dev).map(drop),
    },
    Step {
        name: "www",
        title: "the demo's types and pages",
        needs: &["build"],
        run: |workspace| npm::script(workspace, demo::SOURCE, "build"),
    },
    Step {
        name: "wasm",
        title: "the driver in two real browsers, against a real relay",
        needs: &["install", "relay"],
        run: driver::test,
    },
    Step {
        name: "typescript",
        title: "types and unit tests of the npm package",
        needs: &["build"],
        run: |workspace| npm::script(workspace, package::TEMPLATE, "test"),
    },
    Step {
        name: "typedoc",
        title: "the reference of the npm package builds without a warning",
        needs: &["build"],
        run: |workspace| npm::script(workspace, package::TEMPLATE, "reference"),
    },
    Step {
        name: "conformance",
        title: "the transcripts on the built wasm",
        needs: &["build"],
        run: |workspace| {
            let mut node = Command::new("node");
            node.current_dir(&workspace.root).args(["--test", "tests/conformance-wasm/run.test.mjs"]);
            node.arg("tests/conformance-wasm/raw.test.mjs");
            command::run(&mut node)
        },
    },
    Step {
        name: "gateway",
        title: "the scripted gateway, in the hands of clients that others wrote, and ours beside one of them",
        needs: &["install", "build"],
        run: |workspace| {
            npm::install_in(workspace, gateway::SOURCE)?;
            command::run(npm::npm(workspace).current_dir(workspace.existing(gateway::SOURCE)?).arg("test"))
        },
    },
    Step {
        name: "examples",
        title: "the example applications, built for production",
        needs: &["install", "build"],
        run: example::build,
    },
    Step {
        name: "e2e",
        title: "real pages, real relay, real faults",
        needs: &["build", "relay", "www", "gateway", "examples"],
        run: end_to_end,
    },
    Step {
        name: "soak",
        title: "nothing piles up over reconnects and messages",
        needs: &["install", "build"],
        run: soak,
    },
    Step {
        name: "package",
        title: "the packed tarball in the hands of its users",
        needs: &["build", "relay"],
        run: |workspace| consumers(workspace, &[]),
    },
];

/// What takes long to install, and is of interest before a release.
const FULL: [Step; 2] = [
    Step {
        name: "webkit",
        title: "the driver in WebKit, against a real relay",
        needs: &["install", "relay"],
        run: driver::test_webkit,
    },
    Step {
        name: "compatibility",
        title: "the packed tarball with older and other tools, into docs/compatibility.md",
        needs: &["build", "relay"],
        run: |workspace| consumers(workspace, &["--full"]),
    },
];

/// Runs the steps named and what they need; all of them when none is named, and what a release needs when it shall be full.
pub(crate) fn run(workspace: &Workspace, only: &[String], full: bool) -> Result<()> {
    let mut chosen = choose(only)?;
    let already: Vec<_> = chosen.iter().map(|step| step.name).collect();
    chosen.extend(FULL.iter().filter(|step| full && !already.contains(&step.name)));
    let mut progress = Progress::new(chosen.len());
    let mut results: Vec<(&Step, f64, Result<()>)> = Vec::new();
    for step in chosen {
        progress.begin(&format!("{}: {}", step.name, step.title));
        let started = Instant::now();
        let unmet = step
            .needs
            .iter()
            .find(|need| results.iter().any(|(before, _, result)| before.name == **need && result.is_err()));
        let result = match unmet {
            Some(need) => Err(anyhow::anyhow!("not run, because `{need}` failed")),
            None => (step.run)(workspace),
        };
        if let Err(error) = &result {
            println!("error: {error:#}");
        }
        results.push((step, started.elapsed().as_secs_f64(), result));
    }
    println!("\n{:<12}{:>9}", "step", "seconds");
    for (step, seconds, result) in &results {
        match result {
            Ok(()) => println!("{:<12}{seconds:>9.1}  passed", step.name),
            Err(error) => println!("{:<12}{seconds:>9.1}  FAILED  {error:#}", step.name),
        }
    }
    let failed = results.iter().filter(|(.., result)| result.is_err()).count();
    println!("\n{} passed, {failed} failed", results.len() - failed);
    if failed > 0 {
        bail!("{failed} of {} steps failed", results.len());
    }
    Ok(())
}

fn choose(only: &[String]) -> Result<Vec<&'static Step>> {
    if only.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    let mut wanted = Vec::new();
    for name in only {
        want(name, &mut wanted)?;
    }
    Ok(known().filter(|step| wanted.contains(&step.name)).collect())
}

fn known() -> impl Iterator<Item = &'static Step> {
    STEPS.iter().chain(&FULL)
}

fn want(name: &str, wanted: &mut Vec<&'static str>) -> Result<()> {
    let step = known().find(|step| step.name == name).with_context(|| {
        let names: Vec<_> = known().map(|step| step.name).collect();
        format!("expected a step out of {}, got `{name}`", names.join(", "))
    })?;
    if !wanted.contains(&step.name) {
        wanted.push(step.name);
    }
    for need in step.needs {
        want(need, wanted)?;
    }
    Ok(())
}

fn end_to_end(workspace: &Workspace) -> Result<()> {
    let browser = browser::find(workspace)?.context("no browser: run `cargo xtask install`")?;
    let mut playwright = npm::script_command(workspace, "tests/e2e", "test")?;
    browser.announce(&mut playwright);
    playwright.env("TAUTLINE_RELAY", relay::build(workspace, Profile::Dev)?);
    command::run(&mut playwright)
}

/// As short as a test has to be; SOAK_RECONNECTS and SOAK_MESSAGES make it longer.
fn soak(workspace: &Workspace) -> Result<()> {
    let browser = browser::find(workspace)?.context("no browser: run `cargo xtask install`")?;
    let mut node = Command::new("node");
    node.current_dir(&workspace.root).arg(workspace.existing("tests/bench/soak.mjs")?);
    browser.announce(&mut node);
    command::run(&mut node)
}

/// Outside the npm workspace: a consumer has to install the tarball, not find the source by a link.
fn consumers(workspace: &Workspace, options: &[&str]) -> Result<()> {
    let tarball = package::pack(workspace)?;
    let script = workspace.existing("tests/package/run.mjs")?;
    let mut node = Command::new("node");
    node.current_dir(&workspace.root).arg(script).arg(tarball).args(options);
    node.env("TAUTLINE_RELAY", relay::build(workspace, Profile::Dev)?);
    if let Some(browser) = browser::find(workspace)? {
        browser.announce(&mut node);
    }
    firefox::find(workspace)?.announce(&mut node);
    command::run(&mut node)
}

#[cfg(test)]
mod tests {
    use super::{STEPS, choose};

    #[test]
    fn every_need_is_a_step_that_comes_before() {
        for (index, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(STEPS[..index].iter().any(|before| before.name == *need), "{} needs {need}", step.name);
            }
        }
    }

    #[test]
    fn a_chosen_step_brings_what_it_needs_in_order() {
        let names: Vec<_> = choose(&["e2e".to_owned()]).unwrap().into_iter().map(|step| step.name).collect();
        assert_eq!(names, ["install", "build", "relay", "www", "gateway", "examples", "e2e"]);
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_names_of_the_known_ones() {
        let error = choose(&["e3e".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("fmt") && error.contains("e3e"), "{error}");
    }
}
