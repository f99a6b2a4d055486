//! The browser that the tests drive, and its driver: found on this machine, or installed.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::workspace::Workspace;
use crate::{command, system};

/// Names under which systems install Chromium or Chrome.
const BROWSERS: [&str; 4] = ["chromium", "google-chrome", "chrome", "chromium-browser"];

/// The browser's own traffic has no place in a test.
const QUIET: [&str; 5] =
    ["disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"];

/// The browser's makers publish both together; this tool downloads a pair of one version.
const DOWNLOADER: &str = "@puppeteer/browsers@2.9.0";

/// A browser and the driver that fits it.
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chrome: PathBuf,
    /// ChromeDriver.
    pub(crate) driver: PathBuf,
}

impl Browser {
    /// Tells a test runner where to look.
    pub(crate) fn announce(&self, command: &mut Command) {
        command.env("CHROME_PATH", &self.chrome).env("CHROMEDRIVER", &self.driver);
    }

    /// Writes the WebDriver capabilities for wasm-bindgen's runner, which would let the driver pick a browser of its own.
    pub(crate) fn capabilities(&self, workspace: &Workspace) -> Result<PathBuf> {
        let options = json!({ "binary": self.chrome.to_string_lossy(), "args": QUIET });
        write_capabilities(workspace, "chromium.json", &json!({ "goog:chromeOptions": options }))
    }
}

pub(crate) fn write_capabilities(workspace: &Workspace, name: &str, capabilities: &Value) -> Result<PathBuf> {
    let path = workspace.scratch(name);
    fs::create_dir_all(workspace.scratch(""))?;
    fs::write(&path, capabilities.to_string())?;
    Ok(path)
}

/// Finds the pair, or installs it.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Browser> {
    if let Some(browser) = find(workspace)? {
        println!("browser: {}, driven by {}", browser.chrome.display(), browser.driver.display());
        return Ok(browser);
    }
    if system::is_debian_as_root() {
        println!("browser: none found, so Debian's own is installed");
        system::apt_install(&["chromium", "chromium-driver"])?;
    } else {
        println!("browser: none found, so Chrome for Testing and its driver are downloaded");
        download(workspace, &["chrome", "chromedriver"]).context(
            "install Chromium (or Chrome) and ChromeDriver with your system's package manager, \
             or set CHROME_PATH and CHROMEDRIVER to where they are",
        )?;
    }
    find(workspace)?.context(
        "Chromium and ChromeDriver were installed but not found: set CHROME_PATH and CHROMEDRIVER to where they are",
    )
}

/// The environment first, then PATH, then what an earlier run downloaded.
pub(crate) fn find(workspace: &Workspace) -> Result<Option<Browser>> {
    let chrome = match named_by("CHROME_PATH")? {
        Some(path) => Some(path),
        None => BROWSERS.into_iter().find_map(system::on_path),
    };
    let driver = match named_by("CHROMEDRIVER")? {
        Some(path) => Some(path),
        None => system::on_path("chromedriver"),
    };
    if let (Some(chrome), Some(driver)) = (chrome, driver) {
        return Ok(Some(Browser { chrome, driver }));
    }
    Ok(downloaded(workspace, "chrome")
        .zip(downloaded(workspace, "chromedriver"))
        .map(|(chrome, driver)| Browser { chrome, driver }))
}

/// The file that this variable names.
pub(crate) fn named_by(variable: &str) -> Result<Option<PathBuf>> {
    let Some(path) = env::var_os(variable).filter(|path| !path.is_empty()) else {
        return Ok(None);
    };
    let path = PathBuf::from(path);
    if !path.is_file() {
        bail!("{variable} is set to {}, which is not a file", path.display());
    }
    Ok(Some(path))
}

/// Downloads these programs for [`downloaded`] to find.
pub(crate) fn download(workspace: &Workspace, programs: &[&str]) -> Result<()> {
    let downloads = workspace.scratch("browser");
    fs::create_dir_all(&downloads)?;
    for program in programs {
        let mut npx = Command::new(if cfg!(windows) { "npx.cmd" } else { "npx" });
        npx.current_dir(&downloads)
            .args(["--yes", DOWNLOADER, "install", &format!("{program}@stable")])
            .arg("--path")
            .arg(&downloads);
        println!("$ {}", command::shown(&npx));
        let printed = command::output(&mut npx)?;
        let (_, path) = printed
            .trim()
            .split_once(' ')
            .with_context(|| format!("expected `{program}@version path`, got `{}`", printed.trim()))?;
        fs::write(downloads.join(format!("{program}.path")), path)?;
    }
    Ok(())
}

pub(crate) fn downloaded(workspace: &Workspace, program: &str) -> Option<PathBuf> {
    let path = fs::read_to_string(workspace.scratch("browser").join(format!("{program}.path"))).ok()?;
    Some(PathBuf::from(path)).filter(|path| path.is_file())
}
