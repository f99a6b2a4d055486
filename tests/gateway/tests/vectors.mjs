// Two frames as the real gateway sent them, each the first of its connection, with what they say.

export const HELLO_ZLIB = {
  text: String.raw`{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250,"_trace":["[\"gateway-prd-main-858d\",{\"micros\":0.0}]"]}}`,
  bytes: Buffer.from(
    '789c34c9410a83301005d0bbfc755262a9207315233235431b8851e2d85242eede6eba7bf02a1494cf940c8e3fb61dd43983' +
    '00aa780a17bd0beb1cb34a797102ddba6bfffb590b2f021a317a3c58e5cd1fbb9760578ed90efd103c4cf558e352b6c383dc' +
    'c5b509536b5f000000ffff',
    'hex',
  ),
}

export const HELLO_ZSTD = {
  text: String.raw`{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250,"_trace":["[\"gateway-prd-us-east1-c-7s4x\",{\"micros\":0.0}]"]}}`,
  bytes: Buffer.from(
    '28b52ffd00406403004207191c7089737428d0cb55ffa74a4b7ecbdee7ff9712d3d4ab9097d2ff3304312247620224fd7a8d' +
    '63cbe10ba22f85f106c952f55bcef7a4e29c5c6c827b0b5fc70f3db3759d1c25414019fab608c7cd2c492f13da2d1b0ef5ca' +
    '51527aa77947ad3d8cbe0f030100244a12',
    'hex',
  ),
}
