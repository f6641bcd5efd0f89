//! TLS to PostgreSQL, by rustls: the handshake, what is checked of the server's certificate, and the
//! hash of it that ties the password's proof to this very connection (RFC 5929, RFC 5802).

use ::postgres::Socket;
use ::postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsConnector, client};

/// What must hold of the server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Encrypted, to whoever answers.
    Nothing,
    /// Signed by a root, and in time.
    Chain,
    /// And made for the host that was asked for.
    ChainAndHost,
}

/// Who may sign the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Mozilla's list, as it was when this program was built.
    Public,
    /// The operating system's bundle.
    System,
    /// Certificates in PEM.
    File(PathBuf),
}

/// Where systems keep their bundle.
const SYSTEM_BUNDLES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error(
        "no certificate can be read from {path}: {reason}; sslrootcert names a file of certificates in PEM"
    )]
    Roots { path: PathBuf, reason: String },
    #[error("sslrootcert=system, and this system has none of {SYSTEM_BUNDLES:?}: install ca-certificates")]
    NoSystemRoots,
    #[error("{0:?} is not a host name that a certificate can be made for: say host=, also beside hostaddr=")]
    Name(String),
    #[error(
        "the server's certificate is signed by no root that we trust: give the file of its authority as sslrootcert"
    )]
    Issuer(#[source] Error),
    #[error(
        "the server's certificate is for another host: connect by a name that it has among its alternative names, \
         or, if your provider's certificates name no host, say sslmode=verify-ca"
    )]
    Host(#[source] Error),
    #[error("the server's certificate is out of date, or this machine's clock is wrong: renew it")]
    Time(#[source] Error),
    #[error("the server did not agree to TLS")]
    Other(#[source] Error),
}

/// Makes connections that are checked in one way.
#[derive(Clone)]
pub(crate) struct Tls(Arc<ClientConfig>);

pub(crate) struct Handshake {
    config: Arc<ClientConfig>,
    host: String,
}

/// An encrypted connection.
pub(crate) struct Stream(client::TlsStream<Socket>);

impl Tls {
    pub fn new(check: Check, roots: &Roots) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Arc::new(Verifier::new(check, roots, &provider)?);
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Other)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Handshake;
    type Error = TlsError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Handshake, TlsError> {
        // Called for sockets too, without a name; only a handshake needs one.
        Ok(Handshake {
            config: self.0.clone(),
            host: domain.to_owned(),
        })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Stream;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Self::Error>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let Ok(name) = ServerName::try_from(self.host.clone()) else {
                return Err(TlsError::Name(self.host).into());
            };
            let connector = TlsConnector::from(self.config);
            match connector.connect(name, socket).await {
                Ok(stream) => Ok(Stream(stream)),
                Err(error) => Err(named(error)),
            }
        })
    }
}

/// Says what to do about a handshake that failed.
fn named(error: io::Error) -> Box<dyn std::error::Error + Send + Sync> {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    let Some(cause) = cause.cloned() else {
        return error.into();
    };
    let Error::InvalidCertificate(problem) = &cause else {
        return TlsError::Other(cause).into();
    };
    match problem {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => TlsError::Issuer(cause),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsError::Host(cause)
        }
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => TlsError::Time(cause),
        _ => TlsError::Other(cause),
    }
    .into()
}

#[derive(Debug)]
struct Verifier {
    chain: Option<Arc<WebPkiServerVerifier>>,
    check: Check,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn new(check: Check, roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Self, TlsError> {
        let chain = match check {
            Check::Nothing => None,
            Check::Chain | Check::ChainAndHost => {
                let roots = Arc::new(roots.read()?);
                let built = WebPkiServerVerifier::builder_with_provider(roots, provider.clone()).build();
                Some(built.map_err(|error| TlsError::Other(Error::General(error.to_string())))?)
            }
        };
        Ok(Self {
            chain,
            check,
            provider: provider.clone(),
        })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(chain) = &self.chain else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified = chain.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The name is looked at last: the chain and the time were found good.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Chain => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl Roots {
    fn read(&self) -> Result<RootCertStore, TlsError> {
        match self {
            Self::Public => Ok(RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            }),
            Self::System => {
                let bundle = SYSTEM_BUNDLES.iter().map(Path::new).find(|path| path.exists());
                from_file(bundle.ok_or(TlsError::NoSystemRoots)?)
            }
            Self::File(path) => from_file(path),
        }
    }
}

fn from_file(path: &Path) -> Result<RootCertStore, TlsError> {
    let unreadable = |reason: String| TlsError::Roots {
        path: path.to_owned(),
        reason,
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
        // A system's bundle may hold one that is not understood; the others still count.
        roots.add_parsable_certificates([certificate]);
    }
    if roots.is_empty() {
        return Err(unreadable("it holds none".into()));
    }
    Ok(roots)
}

impl ::postgres::tls::TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let certificate = session.peer_certificates().and_then(<[_]>::first);
        match certificate.and_then(|certificate| end_point(certificate)) {
            Some(hash) => ChannelBinding::tls_server_end_point(hash),
            None => ChannelBinding::none(),
        }
    }
}

/// `tls-server-end-point`: the certificate under the hash of its own signature, or under SHA-256
/// where that is MD5 or SHA-1. `None` where the signature names no single hash (Ed25519, PSS).
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    /// What RSA's and ECDSA's identifiers of a signature begin with (PKCS #1, X9.62).
    const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
    const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04];
    // Certificate ::= SEQUENCE { tbs SEQUENCE, algorithm SEQUENCE { OBJECT IDENTIFIER, … }, … }
    let (whole, _) = element(certificate)?;
    let (_, after_tbs) = element(whole)?;
    let (algorithm, _) = element(after_tbs)?;
    let (identifier, _) = element(algorithm)?;
    let kind = identifier
        .strip_prefix(RSA)
        .or_else(|| identifier.strip_prefix(ECDSA))?;
    match kind {
        [4 | 5 | 11] | [1] | [3, 2] => Some(Sha256::digest(certificate).to_vec()),
        [12] | [3, 3] => Some(Sha384::digest(certificate).to_vec()),
        [13] | [3, 4] => Some(Sha512::digest(certificate).to_vec()),
        _ => None,
    }
}

/// The content of the first DER element, and what follows it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, content) = match der.get(1..)? {
        [short @ 0..=0x7F, content @ ..] => (usize::from(*short), content),
        [0x81, one, content @ ..] => (usize::from(*one), content),
        [0x82, high, low, content @ ..] => (usize::from(*high) << 8 | usize::from(*low), content),
        _ => return None,
    };
    content.split_at_checked(length)
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
