// The package brings no types; what it gives is decoded.
declare module "parse-prometheus-text-format" {
  const parse: (text: string) => unknown
  export default parse
}
