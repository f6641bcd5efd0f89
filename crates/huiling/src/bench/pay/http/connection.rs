use crate::error::HuilingError;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Headers of an answer that are understood.
const HEADERS_MAX: usize = 32;
/// The largest answer that is read.
const ANSWER_MAX: usize = 64 * 1024;

/// A connection that is kept, with one request at a time. It is a small client so that the machine's
/// cores are the server's.
pub struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    body_from: usize,
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Self, HuilingError> {
        let failed = HuilingError::io("connecting to the server under test");
        let stream = TcpStream::connect(address).await.map_err(failed)?;
        let failed = HuilingError::io("setting up a connection");
        stream.set_nodelay(true).map_err(failed)?;
        Ok(Self {
            stream,
            answer: Vec::with_capacity(4_096),
            body_from: 0,
        })
    }

    /// Sends a request and reads its answer; returns its status.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<u16, HuilingError> {
        let failed = HuilingError::io("a request to the server under test");
        self.exchange_bytes(request).await.map_err(failed)
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.answer[self.body_from..]
    }

    async fn exchange_bytes(&mut self, request: &[u8]) -> std::io::Result<u16> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((status, body_from)) = parse(&self.answer)? {
                self.body_from = body_from;
                return Ok(status);
            }
            if self.answer.len() > ANSWER_MAX {
                return Err(std::io::Error::other("the answer does not end"));
            }
        }
    }
}

/// The status of a complete answer and where its body begins.
fn parse(bytes: &[u8]) -> std::io::Result<Option<(u16, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body_from) = response.parse(bytes).map_err(std::io::Error::other)? else {
        return Ok(None);
    };
    let length: usize = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .and_then(|header| std::str::from_utf8(header.value).ok()?.parse().ok())
        .ok_or_else(|| std::io::Error::other("an answer without a length"))?;
    let complete = bytes.len() >= body_from + length;
    Ok(response.code.filter(|_| complete).map(|code| (code, body_from)))
}
