//! WebKitGTK, the nearest to Safari that Linux has, and its driver: found on this machine, or installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::json;

use crate::workspace::Workspace;
use crate::{browser, system};

const DRIVER: &str = "WebKitWebDriver";

/// It has no headless mode: this gives it a screen that nobody sees.
const SCREEN: &str = "xvfb-run";

/// Where Linux keeps libraries, and with them its browser for tests.
const LIBRARIES: &str = "/usr/lib";

/// WebKit's browser for tests and the driver that fits it.
pub(crate) struct WebKit {
    program: PathBuf,
    driver: PathBuf,
    screen: PathBuf,
}

impl WebKit {
    /// The same command, with a screen.
    pub(crate) fn on_a_screen(&self, command: &Command) -> Command {
        let mut screened = Command::new(&self.screen);
        screened.arg("--auto-servernum").arg(command.get_program()).args(command.get_args());
        if let Some(folder) = command.get_current_dir() {
            screened.current_dir(folder);
        }
        screened
    }

    /// Tells a test runner where to look: the driver is started as Safari's is.
    pub(crate) fn announce(&self, command: &mut Command) {
        command.env("SAFARIDRIVER", &self.driver);
        // Its sandbox wants rights that containers do not give; it loads our own pages alone.
        command.env("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1");
    }

    /// Writes the WebDriver capabilities for wasm-bindgen's runner.
    pub(crate) fn capabilities(&self, workspace: &Workspace) -> Result<PathBuf> {
        let options = json!({ "binary": self.program.to_string_lossy(), "args": ["--automation"] });
        browser::write_capabilities(workspace, "webkit.json", &json!({ "webkitgtk:browserOptions": options }))
    }
}

/// Finds all of it, or installs it.
pub(crate) fn ensure() -> Result<WebKit> {
    if find().is_none() && system::is_debian_as_root() {
        println!("WebKit: none found, so Debian's own is installed");
        system::apt_install(&["webkit2gtk-driver", "xvfb", "xauth"])?;
    }
    let webkit = find().context(
        "expected WebKitWebDriver, MiniBrowser and xvfb-run: install webkit2gtk-driver and xvfb, or what your system calls them",
    )?;
    println!("WebKit: {}, driven by {}", webkit.program.display(), webkit.driver.display());
    Ok(webkit)
}

fn find() -> Option<WebKit> {
    let folders = |path: PathBuf| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let program = folders(LIBRARIES.into())
        .chain([LIBRARIES.into()])
        .flat_map(folders)
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit2gtk-")))
        .map(|path| path.join("MiniBrowser"))
        .find(|path| path.is_file())?;
    Some(WebKit { program, driver: system::on_path(DRIVER)?, screen: system::on_path(SCREEN)? })
}
