//! The connection to the server: which transport to use, when to give a line up, when to come back.
//!
//! It steps down to a worse transport when the one it has brings no frame although plain requests are answered, and
//! tries the better ones again in the background: beside the line that works, which is closed only when the better one
//! has spoken. Whoever uses it looks at [`ConnectionPolicy::line_in_use`] after every call: another value is another
//! line, on which nothing is joined yet.

use protocol::close::may_come_back;

use crate::backoff::Backoff;
use crate::connection::channel_ids::ChannelIds;
use crate::connection::line::{Dead, Greeting, Line};
use crate::connection::upgrade::UpgradeTrial;
use crate::effect::Effect;
use crate::limits::{RECONNECT_MAX_MS, REQUEST_MAX_MS, STRIKES_MAX};
use crate::model::now::Now;
use crate::model::status::{LineInUse, Phase, Status};
use crate::model::transport::{Transport, Transports};
use crate::step::Step;
use crate::wire::endpoints;

/// Decides which transport carries the connection, and when to connect again.
#[derive(Debug)]
pub(crate) struct ConnectionPolicy {
    transports: Transports,
    level: Transport,
    stage: Stage,
    channels: ChannelIds,
    main: Option<Line>,
    trial: UpgradeTrial,
    backoff: Backoff,
    /// The next attempt begins with a plain request, because the last one proved nothing.
    asks_first: bool,
    /// A plain request was answered in this attempt.
    is_reachable: bool,
    /// Strikes for the last attempt, counted if plain requests turn out to be answered.
    suspicion: u32,
    strikes: u32,
    down_since: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    /// A plain request is on its way: it makes an identity, and shows whether requests are answered at all.
    Asking {
        id: u32,
        until: u64,
    },
    /// A line is opening or open.
    Line,
    /// Between two attempts.
    Waiting {
        until: u64,
    },
    Refused,
}

impl ConnectionPolicy {
    /// `asks_first`: the first attempt begins with a plain request, because the page came without an identity.
    pub(crate) fn new(transports: Transports, asks_first: bool) -> Self {
        Self {
            transports,
            level: transports.first.clamp(transports.best, transports.worst),
            stage: Stage::Idle,
            channels: ChannelIds::default(),
            main: None,
            trial: UpgradeTrial::default(),
            backoff: Backoff::default(),
            asks_first,
            is_reachable: false,
            suspicion: 0,
            strikes: 0,
            down_since: None,
        }
    }

    /// The line in use, once the server has greeted; `tab` is this tab's number.
    pub(crate) fn line_in_use(&self, tab: u32) -> Option<LineInUse> {
        let main = self.main.as_ref()?;
        let Greeting { user_id, epoch } = main.greeting?;
        Some(LineInUse {
            tab,
            line: main.number,
            user_id,
            epoch,
        })
    }

    fn is_up(&self) -> bool {
        self.main.as_ref().is_some_and(|main| main.greeting.is_some())
    }

    pub(crate) fn status(&self) -> Status {
        let phase = match self.stage {
            Stage::Idle => Phase::Idle,
            Stage::Refused => Phase::Refused,
            _ if self.is_up() => Phase::Online,
            _ if self.down_since.is_some() => Phase::Down,
            _ => Phase::Connecting,
        };
        let next_try = match self.stage {
            Stage::Waiting { until } => Some(until),
            _ => None,
        };
        Status {
            phase,
            transport: self.level,
            down_since: self.down_since,
            next_try,
        }
    }

    /// True for the line in use, false for one on trial.
    pub(crate) fn is_main(&self, line: u32) -> bool {
        self.main.as_ref().is_some_and(|main| main.number == line)
    }

    /// Connects, with this transport if one is given. Ignored unless idle.
    pub(crate) fn start(&mut self, step: &mut Step<'_>, transport: Option<Transport>) {
        if self.stage == Stage::Idle {
            if let Some(transport) = transport {
                self.level = transport.clamp(self.transports.best, self.transports.worst);
            }
            self.trial.schedule(step.now);
            self.attempt(step);
        }
    }

    /// Closes every channel; idle until the next start.
    pub(crate) fn stop(&mut self, step: &mut Step<'_>) {
        self.end(step, Stage::Idle);
        self.down_since = None;
    }

    pub(crate) fn opened(&mut self, now: Now, id: u32) {
        if let Some(line) = self.line_of(id) {
            line.opened(now.ms);
        }
    }

    /// A frame arrived on a socket or stream. Returns its line's number; `None` for a channel that was closed.
    pub(crate) fn received(&mut self, now: Now, id: u32, cursor: Option<&str>) -> Option<u32> {
        let line = self.line_of(id)?;
        line.received(now.ms, cursor);
        Some(line.number)
    }

    /// A socket or stream ended with this close code.
    pub(crate) fn closed(&mut self, step: &mut Step<'_>, id: u32, code: u16) {
        if let Some(open) = self.line_of(id) {
            let line = open.number;
            self.bye(step, line, code, None);
        }
    }

    /// A request was answered. Returns its line's number and the frames in the body.
    pub(crate) fn answer<'a>(
        &mut self,
        step: &mut Step<'_>,
        id: u32,
        body: Option<&'a str>,
    ) -> Option<(u32, Vec<&'a str>)> {
        if matches!(self.stage, Stage::Asking { id: asked, .. } if asked == id) {
            self.asked(step, body.is_some());
            return None;
        }
        let open = [&mut self.main, &mut self.trial.line]
            .into_iter()
            .flatten()
            .find(|line| line.owns(id))?;
        let line = open.number;
        let answer = open.answer(step, id, body, &mut self.channels);
        match answer {
            Ok(_) => self.proved(step),
            Err(Dead) => self.lost(step, line, None),
        }
        Some((line, answer.ok()?))
    }

    /// The server greeted on this line.
    pub(crate) fn greeted(&mut self, step: &mut Step<'_>, line: u32, greeting: Greeting) {
        let lines = [&mut self.main, &mut self.trial.line].into_iter().flatten();
        for open in lines.filter(|open| open.number == line) {
            open.greeted(greeting);
        }
        self.proved(step);
    }

    /// The server ends this line. `reconnect_ms` is the wait it asks for, at most [`RECONNECT_MAX_MS`].
    pub(crate) fn bye(&mut self, step: &mut Step<'_>, line: u32, code: u16, reconnect_ms: Option<u64>) {
        let renew = protocol::CloseCode::Renew.code();
        match &mut self.main {
            Some(main) if main.number == line && !may_come_back(code) => {
                self.end(step, Stage::Refused);
                self.down_since.get_or_insert(step.now.ms);
            }
            Some(main) if main.number == line && code == renew => {
                main.receive(step, &mut self.channels);
            }
            _ => self.lost(step, line, reconnect_ms),
        }
    }

    /// The page became visible or the browser came to a network: the line may have died unnoticed.
    pub(crate) fn awake(&mut self, step: &mut Step<'_>, is_online: bool) {
        if is_online {
            self.trial.network_changed(step.now);
        }
        match (self.stage, &mut self.main) {
            (Stage::Waiting { .. }, _) => self.attempt(step),
            (Stage::Line, Some(main)) => main.probe(step, &mut self.channels),
            _ => {}
        }
    }

    /// Sends a frame on the line. `changes_rooms`: it joins or leaves one.
    pub(crate) fn send(&mut self, step: &mut Step<'_>, text: String, changes_rooms: bool) {
        if let Some(main) = &mut self.main {
            main.send(step, text, changes_rooms);
        }
    }

    /// A message was sent: silence for [`QUIET_AFTER_POST_MS`](crate::limits::QUIET_AFTER_POST_MS) is probed.
    pub(crate) fn expect(&mut self, now: Now) {
        if let Some(main) = &mut self.main {
            main.expect(now.ms);
        }
    }

    /// Posts the gathered frames over HTTP. Called at the end of every step.
    pub(crate) fn flush(&mut self, step: &mut Step<'_>) {
        if let Some(main) = &mut self.main {
            main.flush(step, &mut self.channels);
        }
    }

    /// When [`ConnectionPolicy::tick`] has something to do.
    pub(crate) fn due(&self) -> u64 {
        match self.stage {
            Stage::Idle | Stage::Refused => u64::MAX,
            Stage::Asking { until, .. } | Stage::Waiting { until } => until,
            Stage::Line => {
                let lines = self.main.iter().chain(&self.trial.line).map(Line::due);
                let trial = if self.wants_trial() {
                    self.trial.next_at
                } else {
                    u64::MAX
                };
                lines.fold(trial, u64::min)
            }
        }
    }

    pub(crate) fn tick(&mut self, step: &mut Step<'_>) {
        match self.stage {
            Stage::Waiting { until } if step.now.ms >= until => self.attempt(step),
            Stage::Asking { id, until } if step.now.ms >= until => {
                step.push(Effect::Close { id });
                self.asked(step, false);
            }
            Stage::Line => self.tick_lines(step),
            _ => {}
        }
    }

    fn tick_lines(&mut self, step: &mut Step<'_>) {
        let channels = &mut self.channels;
        let mut is_dead = |line: &mut Option<Line>, step: &mut Step<'_>| {
            line.as_mut()
                .is_some_and(|line| line.tick(step, channels).is_err())
        };
        if is_dead(&mut self.trial.line, step) {
            self.trial.failed(step, self.level, &mut self.channels);
        } else if is_dead(&mut self.main, step) {
            self.fail(step, None);
        } else if self.wants_trial() && step.now.ms >= self.trial.next_at {
            self.trial.begin(step, self.transports.best, &mut self.channels);
        }
    }

    fn line_of(&mut self, id: u32) -> Option<&mut Line> {
        [&mut self.main, &mut self.trial.line]
            .into_iter()
            .flatten()
            .find(|line| line.owns(id))
    }

    fn attempt(&mut self, step: &mut Step<'_>) {
        if !self.asks_first {
            self.open(step);
            return;
        }
        let id = self.channels.next();
        let until = step.now.ms + REQUEST_MAX_MS;
        self.stage = Stage::Asking { id, until };
        let address = endpoints::ME.to_owned();
        step.push(Effect::Request {
            id,
            address,
            body: None,
        });
    }

    /// The plain request was answered, or not. Only when it is, before and after, is a line that brought nothing the
    /// fault of its transport, and not of a server or a network that was away.
    fn asked(&mut self, step: &mut Step<'_>, is_reachable: bool) {
        let suspicion = std::mem::take(&mut self.suspicion);
        if !is_reachable {
            self.wait(step.now, None);
            return;
        }
        self.strikes += suspicion;
        if self.strikes >= STRIKES_MAX && self.level < self.transports.worst {
            self.use_transport(step, self.level.worse());
        }
        self.is_reachable = true;
        self.open(step);
    }

    fn open(&mut self, step: &mut Step<'_>) {
        self.stage = Stage::Line;
        self.main = Some(Line::open(step, self.level, &mut self.channels));
        // Until something says otherwise, this attempt got nowhere.
        self.asks_first = true;
    }

    /// Switches to another transport for this and later lines.
    fn use_transport(&mut self, step: &mut Step<'_>, transport: Transport) {
        self.level = transport;
        self.strikes = 0;
        self.trial.schedule(step.now);
        step.push(Effect::RememberTransport(transport));
    }

    /// A line has brought something: promotes a trial that succeeded, ends the outage, clears strikes.
    fn proved(&mut self, step: &mut Step<'_>) {
        if let Some(better) = self.trial.take_proved() {
            let transport = better.transport;
            if let Some(mut old) = self.main.replace(better) {
                old.close(step);
            }
            self.use_transport(step, transport);
        }
        let Some(main) = &self.main else { return };
        if main.greeting.is_some() {
            self.down_since = None;
            self.backoff.reset();
        }
        if main.is_proved {
            self.asks_first = false;
            self.strikes = 0;
        }
    }

    /// A line failed: the one in use, or the one on trial.
    fn lost(&mut self, step: &mut Step<'_>, line: u32, come_back_ms: Option<u64>) {
        if self.is_main(line) {
            self.fail(step, come_back_ms.map(|ms| ms.min(RECONNECT_MAX_MS)));
        } else if self.trial.line.as_ref().is_some_and(|trial| trial.number == line) {
            self.trial.failed(step, self.level, &mut self.channels);
        }
    }

    /// Gives up the line in use and waits for the next attempt.
    fn fail(&mut self, step: &mut Step<'_>, come_back_ms: Option<u64>) {
        self.trial.give_up(step);
        if let Some(mut main) = self.main.take() {
            main.close(step);
            let greeted = main.greeting.is_some();
            self.down_since
                .get_or_insert(if greeted { main.received_at } else { step.now.ms });
            // A greeting by HTTP is an answered request, too.
            let is_reachable = self.is_reachable || (greeted && main.transport != Transport::WebSocket);
            let is_plain = main.transport == Transport::Stream
                || (main.transport == Transport::WebSocket && !main.is_open);
            self.suspicion = match (main.is_proved, is_reachable) {
                (false, true) if is_plain => STRIKES_MAX,
                (false, true) => 1,
                _ => 0,
            };
        }
        self.is_reachable = false;
        self.wait(step.now, come_back_ms);
    }

    fn wait(&mut self, now: Now, come_back_ms: Option<u64>) {
        let wait = come_back_ms.unwrap_or_else(|| self.backoff.next_ms(now.random));
        self.down_since.get_or_insert(now.ms);
        self.stage = Stage::Waiting { until: now.ms + wait };
    }

    fn end(&mut self, step: &mut Step<'_>, stage: Stage) {
        if let Stage::Asking { id, .. } = self.stage {
            step.push(Effect::Close { id });
        }
        for mut line in [self.main.take(), self.trial.line.take()].into_iter().flatten() {
            line.close(step);
        }
        self.stage = stage;
    }

    fn wants_trial(&self) -> bool {
        self.level > self.transports.best && self.trial.line.is_none() && self.is_up()
    }
}

#[cfg(test)]
mod tests;
