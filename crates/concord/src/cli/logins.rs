//! Kept logins: the session of a person for each server, in files that only their user can read.
//!
//! One file a server, so that commands on several servers do not get into each other's way. A file that others can read
//! is not believed: the session in it must be taken as known to them.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use kernel::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

/// A session on a server, and whose it is.
#[derive(Serialize, Deserialize)]
pub struct Login {
    pub server: String,
    /// The token of the session.
    pub session: String,
    pub name: String,
    pub email: String,
    pub role: String,
    pub expires_at: Timestamp,
}

/// The folder of the logins.
pub struct Logins(PathBuf);

impl Logins {
    /// Below the folder that was named, or where programs keep their settings.
    pub fn of(folder: Option<&PathBuf>) -> Result<Self> {
        if let Some(folder) = folder {
            return Ok(Self(folder.join("logins")));
        }
        let unknown =
            |_| Error::invalid("config-dir", "there is no home folder to keep logins in; name one with --config-dir");
        let strategy = etcetera::choose_base_strategy().map_err(unknown)?;
        Ok(Self(strategy.config_dir().join("concord").join("logins")))
    }

    pub fn file(&self, server: &str) -> PathBuf {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || ".-".contains(c) { c.to_string() } else { format!("_{:x}", u32::from(c)) }
        };
        self.0.join(format!("{}.json", server.chars().map(plain).collect::<String>()))
    }

    /// The login that is kept for a server.
    pub fn get(&self, server: &str) -> Result<Option<Login>> {
        let file = self.file(server);
        if !file.exists() {
            return Ok(None);
        }
        read(&file).map(|login| Some(login).filter(|login| login.server == server))
    }

    /// Every login, by server.
    pub fn all(&self) -> Result<Vec<Login>> {
        let Ok(entries) = std::fs::read_dir(&self.0) else { return Ok(Vec::new()) };
        let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut logins: Vec<Login> = files
            .filter(|file| file.extension().is_some_and(|e| e == "json"))
            .map(|file| read(&file))
            .collect::<Result<_>>()?;
        logins.sort_by(|a, b| a.server.cmp(&b.server));
        Ok(logins)
    }

    /// Keeps a login in place of the one before: whole or not at all.
    pub fn keep(&self, login: &Login) -> Result<PathBuf> {
        let file = self.file(&login.server);
        let fault =
            |e: std::io::Error| Error::invalid("config-dir", format!("{} cannot be written: {e}", file.display()));
        private_folder(&self.0).map_err(fault)?;
        // A temporary file is its owner's alone from its first byte on.
        let temporary = tempfile::NamedTempFile::new_in(&self.0).map_err(fault)?;
        std::fs::write(temporary.path(), serde_json::to_vec_pretty(login)?).map_err(fault)?;
        temporary.persist(&file).map_err(|e| fault(e.error))?;
        Ok(file)
    }

    /// Forgets the login of a server.
    pub fn forget(&self, server: &str) -> Result<()> {
        let file = self.file(server);
        match std::fs::remove_file(&file) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::invalid("config-dir", format!("{} cannot be removed: {e}", file.display())))
            }
            _ => Ok(()),
        }
    }
}

fn read(file: &Path) -> Result<Login> {
    let wrong = |why: String| Error::invalid("config-dir", format!("{} {why}", file.display()));
    if !private(file) {
        return Err(wrong(
            "can be read by other users: remove it and log in again, with `concord logout` and `concord login`"
                .to_owned(),
        ));
    }
    let text = std::fs::read_to_string(file).map_err(|e| wrong(format!("cannot be read: {e}")))?;
    serde_json::from_str(&text).map_err(|e| wrong(format!("is not a login ({e}): remove it and log in again")))
}

#[cfg(unix)]
fn private(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 == 0)
}

#[cfg(not(unix))]
fn private(_: &Path) -> bool {
    true
}

fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
