//! Programs that tests need and Debian has.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::process::{self, command, run};

/// Whether packages can be installed: as root on Debian.
pub(crate) fn can_install() -> bool {
    is_debian() && is_root() && process::find("apt-get").is_some()
}

/// What packages ask before they start a service, and the answer that forbids it (`invoke-rc.d`, exit status 101).
const POLICY: (&str, &str) = ("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n");

/// Installs these packages without what they only recommend, and without starting what they bring.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let (policy, answer) = POLICY;
    if Path::new(policy).exists() {
        return install_as_policy_says(packages);
    }
    fs::write(policy, answer)?;
    let installed =
        run(command("chmod").args(["755", policy])).and_then(|()| install_as_policy_says(packages));
    fs::remove_file(policy)?;
    installed
}

fn install_as_policy_says(packages: &[&str]) -> Result<()> {
    let apt = |words: &[&str]| {
        run(command("apt-get")
            .args(words)
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update", "--quiet"])?;
    let flags = ["install", "--yes", "--quiet", "--no-install-recommends"];
    apt(&[flags.as_slice(), packages].concat())
}

/// Makes sure of programs that only some tests need, each named with the package that has it. Whether they are there: where
/// they cannot be installed those tests are left out, which is said; in CI it is an error.
pub(crate) fn ensure(what: &str, programs: &[(&str, &str)]) -> Result<bool> {
    let missing = || {
        let missing = programs.iter().filter(|(program, _)| !is_there(program));
        missing.map(|(_, package)| *package).collect::<Vec<_>>()
    };
    if missing().is_empty() {
        return Ok(true);
    }
    if can_install() {
        println!("Installing {} (about a minute).", missing().join(", "));
        install(&missing())?;
    }
    let missing = missing();
    if missing.is_empty() {
        return Ok(true);
    }
    let missing = missing.join(", ");
    if std::env::var_os("CI").is_some() {
        bail!("{what} needs Debian's {missing}, which cannot be installed here");
    }
    println!("SKIPPED: {what} needs {missing}; as root on Debian they are installed by this.");
    Ok(false)
}

/// Servers lie where only root looks for programs.
fn is_there(program: &str) -> bool {
    process::find(program).is_some()
        || ["/usr/sbin", "/usr/local/sbin"]
            .iter()
            .any(|folder| fs::metadata(format!("{folder}/{program}")).is_ok())
}

/// Ubuntu is like Debian but for its browsers: those packages only point to snaps.
pub(crate) fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release
        .lines()
        .any(|line| line == "ID=debian" || line == "ID=\"debian\"")
}

pub(crate) fn is_root() -> bool {
    process::output(command("id").arg("-u")).is_ok_and(|id| id == "0")
}
