//! The thread that holds the connection: plugs socket and hashers into the client's state machine.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use sluice_session::miner_client::{ClientAction, ClientStats, MinerClient, Solution};
use tracing::{info, warn};

use crate::search::Search;
use crate::{MinerConfig, MinerError, MinerStatus};

/// How long the last answers are waited for when the miner stops.
const LAST_ANSWERS_WAIT: Duration = Duration::from_secs(10);
/// How long a lost pool is left alone.
const RECONNECT_WAIT: Duration = Duration::from_secs(1);
/// How long a write may block before the pool counts as lost.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// What the connection's thread waits for.
pub(crate) enum Event {
    /// Bytes of the numbered connection.
    Received(u64, Vec<u8>),
    /// The numbered connection is gone.
    Closed(u64),
    /// A hasher found a share of the given round of work.
    Found(u64, Solution),
    /// The miner stops.
    Stop,
}

pub(crate) struct Connection {
    config: MinerConfig,
    events: mpsc::SyncSender<Event>,
    inbox: mpsc::Receiver<Event>,
    search: Arc<Search>,
    status: Arc<Mutex<MinerStatus>>,
    stream: Option<TcpStream>,
    /// Counts connections, so that a late event of an ended one is passed over.
    number: u64,
    client: MinerClient,
    /// Shares of earlier connections.
    before: ClientStats,
    jobs: u64,
    /// The first round of this connection: what was found before belongs to another search space.
    first_round: u64,
}

impl Connection {
    pub(crate) fn new(
        config: MinerConfig,
        (events, inbox): (mpsc::SyncSender<Event>, mpsc::Receiver<Event>),
        search: Arc<Search>,
        status: Arc<Mutex<MinerStatus>>,
    ) -> Self {
        let client = client(&config, None);
        Self {
            config,
            events,
            inbox,
            search,
            status,
            stream: None,
            number: 0,
            client,
            before: ClientStats::default(),
            jobs: 0,
            first_round: 0,
        }
    }

    /// Connects and greets.
    pub(crate) fn connect(&mut self) -> Result<(), MinerError> {
        let pool = self.config.pool.clone();
        let failed = |source| MinerError::Connect { pool: pool.clone(), source };
        let address = self.config.pool.trim_start_matches("stratum+tcp://");
        let stream = TcpStream::connect(address).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_write_timeout(Some(WRITE_TIMEOUT)).map_err(failed)?;
        let reading = stream.try_clone().map_err(failed)?;
        self.number += 1;
        self.first_round = self.search.round();
        let (number, events) = (self.number, self.events.clone());
        thread::Builder::new()
            .name("reader".into())
            .spawn(move || read(number, reading, &events))
            .map_err(MinerError::Thread)?;
        self.stream = Some(stream);
        let session_id = self.client.session_id().map(str::to_owned);
        let next = client(&self.config, session_id.as_deref());
        let ended = core::mem::replace(&mut self.client, next);
        add(&mut self.before, ended.stats());
        self.status.lock().unwrap_or_else(PoisonError::into_inner).connected = true;
        Ok(())
    }

    /// Serves until stopped, or until the pool turns the miner away.
    pub(crate) fn run(mut self) -> Result<(), MinerError> {
        let mut stop_by: Option<Instant> = None;
        loop {
            self.carry_out()?;
            self.copy_status();
            if stop_by.is_some()
                && (self.stream.is_none() || self.client.stats().outstanding() == 0)
            {
                return self.hang_up();
            }
            let wait =
                stop_by.map_or(RECONNECT_WAIT, |by| by.saturating_duration_since(Instant::now()));
            match self.inbox.recv_timeout(wait) {
                Ok(Event::Received(number, bytes)) if number == self.number => {
                    self.client.handle_received(&bytes);
                }
                Ok(Event::Closed(number)) if number == self.number => self.lose("it hung up"),
                Ok(Event::Found(round, solution))
                    if self.stream.is_some() && round >= self.first_round =>
                {
                    self.client.submit(&solution);
                }
                Ok(Event::Stop) => stop_by = Some(Instant::now() + LAST_ANSWERS_WAIT),
                Ok(_) => {}
                Err(_) if stop_by.is_some() => return self.hang_up(),
                Err(_) if self.stream.is_none() => self.reconnect(),
                Err(_) => {}
            }
        }
    }

    fn carry_out(&mut self) -> Result<(), MinerError> {
        while let Some(action) = self.client.poll_action() {
            match action {
                ClientAction::Send(bytes) => {
                    let sent = self.stream.as_mut().map(|stream| stream.write_all(&bytes));
                    if let Some(Err(error)) = sent {
                        self.lose(&error.to_string());
                    }
                }
                ClientAction::Work(work) => {
                    self.jobs += 1;
                    self.search.set(Some(*work));
                }
                ClientAction::Show(text) => {
                    // Whoever looks at the miner is meant.
                    warn!(pool = self.config.pool, "the pool says: {}", text.escape_debug());
                }
                ClientAction::Reconnect => {
                    self.lose("it asks to connect anew");
                    self.reconnect();
                }
                ClientAction::GiveUp(cause) => {
                    self.lose(&cause);
                    let pool = self.config.pool.clone();
                    self.copy_status();
                    self.search.stop();
                    return Err(MinerError::GaveUp { pool, cause });
                }
            }
        }
        Ok(())
    }

    fn reconnect(&mut self) {
        match self.connect() {
            Ok(()) => warn!(pool = self.config.pool, "connected again"),
            Err(error) => info!("{error}"),
        }
    }

    fn lose(&mut self, cause: &str) {
        if let Some(stream) = self.stream.take() {
            warn!(pool = self.config.pool, "lost the pool: {cause}");
            let _ = stream.shutdown(Shutdown::Both);
            self.search.set(None);
            self.status.lock().unwrap_or_else(PoisonError::into_inner).connected = false;
        }
    }

    fn hang_up(&mut self) -> Result<(), MinerError> {
        if let Some(stream) = self.stream.take() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.copy_status();
        Ok(())
    }

    fn copy_status(&self) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        status.shares = self.before.clone();
        add(&mut status.shares, self.client.stats());
        status.jobs = self.jobs;
    }
}

fn client(config: &MinerConfig, session_id: Option<&str>) -> MinerClient {
    let user_agent = concat!("sluice-miner/", env!("CARGO_PKG_VERSION"));
    MinerClient::new(user_agent, &config.user, &config.password, config.quirk, session_id)
}

fn add(sum: &mut ClientStats, other: &ClientStats) {
    sum.submitted += other.submitted;
    sum.accepted += other.accepted;
    for (reason, count) in &other.rejected {
        *sum.rejected.entry(reason.clone()).or_default() += count;
    }
}

fn read(number: u64, mut stream: TcpStream, events: &mpsc::SyncSender<Event>) {
    let mut buffer = [0; 8192];
    loop {
        let event = match stream.read(&mut buffer) {
            Ok(0) | Err(_) => Event::Closed(number),
            Ok(count) => Event::Received(number, buffer[..count].to_vec()),
        };
        let last = matches!(event, Event::Closed(_));
        // The miner has ended where nobody takes the event.
        if events.send(event).is_err() || last {
            return;
        }
    }
}
