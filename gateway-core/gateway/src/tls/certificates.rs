//! What the gateway shows to miners that speak TLS: a certificate that can be renewed while it runs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::{Ticketer, default_provider};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tracing::{info, warn};

/// How often the files are looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// Why a certificate cannot be used. Each message is one line with cause and remedy.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// A file cannot be read, or holds something else.
    #[error("{path}: {cause}; it must hold {wanted} in PEM form, readable by this user")]
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong.
        cause: String,
        /// What should be there.
        wanted: &'static str,
    },
    /// The two do not belong together, or the key is of a kind that is not known.
    #[error(
        "{certificate} and {key} cannot be used together: {cause}; give the key that the certificate was made for"
    )]
    Pair {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        cause: rustls::Error,
    },
    /// No configuration comes of it.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// The files of a certificate and of its key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CertificateFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// What tells that a file was written anew.
type Look = [Option<(SystemTime, u64)>; 2];

/// The certificate in use. New connections get it as it is when they come.
#[derive(Debug)]
pub(crate) struct Certificates {
    files: CertificateFiles,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads the files.
    pub(crate) fn read(files: CertificateFiles) -> Result<Arc<Self>, CertificateError> {
        let provider = Arc::new(default_provider());
        let current = RwLock::new(Arc::new(files.read(&provider)?));
        Ok(Arc::new(Self { files, provider, current }))
    }

    /// What all shards serve TLS with. Sessions are resumed with tickets, which cost no memory: thousands of
    /// miners come back at once.
    pub(crate) fn server_config(self: &Arc<Self>) -> Result<Arc<ServerConfig>, CertificateError> {
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider));
        let builder =
            builder.with_safe_default_protocol_versions().map_err(CertificateError::Setup)?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(self) as _;
        let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.ticketer = Ticketer::new().map_err(CertificateError::Setup)?;
        Ok(Arc::new(config))
    }

    /// Looks after the files for as long as the gateway lives. One that cannot be used is told of once, and the
    /// former certificate stays.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut seen = self.files.look();
        loop {
            tokio::time::sleep(LOOK_INTERVAL).await;
            let look = self.files.look();
            if look == seen {
                continue;
            }
            seen = look;
            self.renew();
        }
    }

    pub(crate) fn renew(&self) {
        match self.files.read(&self.provider) {
            Ok(renewed) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(renewed);
                info!(file = %self.files.certificate.display(), "the certificate was renewed");
            }
            Err(error) => warn!("{error}; the former certificate is used until then"),
        }
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl CertificateFiles {
    fn look(&self) -> Look {
        [&self.certificate, &self.key].map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        })
    }

    fn read(&self, provider: &CryptoProvider) -> Result<CertifiedKey, CertificateError> {
        const CERTIFICATE: &str = "a certificate and those that it depends on";
        const KEY: &str = "a private key";
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|cause| unreadable(&self.certificate, &cause, CERTIFICATE))?;
        if chain.is_empty() {
            return Err(unreadable(&self.certificate, &pem::Error::NoItemsFound, CERTIFICATE));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .map_err(|cause| unreadable(&self.key, &cause, KEY))?;
        CertifiedKey::from_der(chain, key, provider).map_err(|cause| CertificateError::Pair {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            cause,
        })
    }
}

fn unreadable(path: &Path, cause: &pem::Error, wanted: &'static str) -> CertificateError {
    let cause = match cause {
        pem::Error::Io(error) if error.kind() == io::ErrorKind::NotFound => {
            "there is no such file".into()
        }
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "nothing of the kind is in it".into(),
        other => format!("{other:?}"),
    };
    CertificateError::File { path: path.to_owned(), cause, wanted }
}
