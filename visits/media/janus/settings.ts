/** Janus' configuration files: rooms over one WebSocket on loopback, and nothing else of what Janus can do. */

export interface JanusSettings {
  /** UDP ports of media. */
  rtpPorts: { min: number; max: number };
  /** What the world sees in place of this machine's address, behind a 1:1 NAT. */
  external?: string;
  /** Interfaces or addresses that must not be offered to browsers, beginnings count: `docker`, `10.8.`. */
  ignore: string[];
}

export interface JanusSecrets {
  /** Of the WebSocket, on 127.0.0.1. */
  port: number;
  /** Every request carries it. */
  apiSecret: string;
  /** Rooms are made only with it. */
  adminKey: string;
}

const quoted = (value: string): string => {
  if (!/^[\w.:,/ -]*$/.test(value)) throw new Error('a setting of Janus holds a sign it must not');
  return `"${value}"`;
};

/** @param folders where Janus finds plugins and transports: links to those it may load */
export function janusFiles(
  settings: JanusSettings,
  { port, apiSecret, adminKey }: JanusSecrets,
  folders: { configs: string; plugins: string; transports: string; none: string },
): Record<string, string> {
  const { rtpPorts, external, ignore } = settings;
  return {
    'janus.jcfg': `general: {
  configs_folder = ${quoted(folders.configs)}
  plugins_folder = ${quoted(folders.plugins)}
  transports_folder = ${quoted(folders.transports)}
  events_folder = ${quoted(folders.none)}
  loggers_folder = ${quoted(folders.none)}
  debug_level = 2
  debug_colors = false
  api_secret = ${quoted(apiSecret)}
  server_name = "afar"
  hide_dependencies = true
  session_timeout = 60
}
media: {
  rtp_port_range = "${rtpPorts.min}-${rtpPorts.max}"
}
nat: {
  nice_debug = false
  ice_ignore_list = ${quoted(['vmnet', ...ignore].join(','))}
${external ? `  nat_1_1_mapping = ${quoted(external)}\n  keep_private_host = true\n` : ''}}
`,
    'janus.plugin.videoroom.jcfg': `general: {
  admin_key = ${quoted(adminKey)}
  lock_rtp_forward = true
  events = false
  string_ids = true
}
`,
    'janus.transport.websockets.jcfg': `general: {
  events = false
  json = "compact"
  ws = true
  ws_port = ${port}
  ws_ip = "127.0.0.1"
  wss = false
}
admin: {
  admin_ws = false
  admin_wss = false
}
`,
  };
}
