//! The key that every role of one pool holds, and nobody else.

use std::fmt;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sluice_units::hex;
use thiserror::Error;

const KEY_BYTES: usize = 32;

/// 32 random bytes; whoever holds them can change jobs and credit shares.
#[derive(Clone)]
pub struct ClusterKey([u8; KEY_BYTES]);

/// Why there is no key.
#[derive(Debug, Error)]
pub enum ClusterKeyError {
    /// There is no such file.
    #[error(
        "cluster key {0} is not there: copy the key of the pool there, or make the first one with `sluice key new {0}`"
    )]
    Missing(PathBuf),
    /// The file cannot be read or written.
    #[error(
        "cluster key {path}: {source}; see that its folder exists, and that this user may use it"
    )]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A new key is to go where a file is.
    #[error("cluster key {0}: the file is there already, and is kept; choose another name")]
    Exists(PathBuf),
    /// The file holds something else.
    #[error(
        "cluster key {0}: a key is one line of 64 hexadecimal digits; make one with `sluice key new FILE`"
    )]
    NotAKey(PathBuf),
    /// Others can read the file.
    #[error("cluster key {0}: other users of this machine can read it; `chmod 600 {0}`")]
    Exposed(PathBuf),
    /// The system gives no randomness.
    #[error("the system gives no random bytes: {0}")]
    NoRandomness(getrandom::Error),
}

impl ClusterKey {
    /// A new random key.
    pub fn generate() -> Result<Self, ClusterKeyError> {
        let mut bytes = [0; KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(ClusterKeyError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Writes a new random key to a file that only its owner can read; refuses to overwrite one.
    pub fn generate_file(path: &Path) -> Result<Self, ClusterKeyError> {
        let key = Self::generate()?;
        let file = |source| ClusterKeyError::File { path: path.to_owned(), source };
        let mut options = std::fs::OpenOptions::new();
        let opened = options.write(true).create_new(true).mode(0o600).open(path);
        let mut out = opened.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => ClusterKeyError::Exists(path.to_owned()),
            _ => file(error),
        })?;
        writeln!(out, "{}", hex::encode(&key.0)).map_err(file)?;
        Ok(key)
    }

    /// Reads a key; refuses a file that others can read.
    pub fn from_file(path: &Path) -> Result<Self, ClusterKeyError> {
        let file = |source| ClusterKeyError::File { path: path.to_owned(), source };
        let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => ClusterKeyError::Missing(path.to_owned()),
            _ => file(error),
        })?;
        if std::fs::metadata(path).map_err(file)?.mode() & 0o077 != 0 {
            return Err(ClusterKeyError::Exposed(path.to_owned()));
        }
        let mut bytes = [0; KEY_BYTES];
        hex::decode_into(text.trim().as_bytes(), &mut bytes)
            .ok_or_else(|| ClusterKeyError::NotAKey(path.to_owned()))?;
        Ok(Self(bytes))
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

/// Shows nothing of the key.
impl fmt::Debug for ClusterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ClusterKey")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cluster.key");
        let made = ClusterKey::generate_file(&path).unwrap();
        assert_eq!(ClusterKey::from_file(&path).unwrap().0, made.0);
        assert!(matches!(ClusterKey::generate_file(&path), Err(ClusterKeyError::Exists(_))));

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(ClusterKey::from_file(&path), Err(ClusterKeyError::Exposed(_))));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "secret").unwrap();
        assert!(matches!(ClusterKey::from_file(&path), Err(ClusterKeyError::NotAKey(_))));
    }
}
