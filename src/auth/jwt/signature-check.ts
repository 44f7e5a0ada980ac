import { KeyObject, verify } from 'node:crypto'

import { compactVerify, importJWK, type CryptoKey, type JWK } from 'jose'

import type { JwtAlgorithm } from './model.ts'

/** Tells whether a compact JWS, whose shape and header were checked, carries a key's signature (RFC 7515, section 5.2). */
export type SignatureCheck = (token: string) => boolean | Promise<boolean>

/**
 * The check of one key with one algorithm. The library imports the key and checks signatures, on threads of the pool. RSA with PKCS#1 v1.5,
 * which nearly all CI systems sign with, is the exception: checking takes so little that the way to another thread and back costs more, so
 * node:crypto checks it on the spot, with the key that the library imported.
 * @param jwk a public key
 * @throws {Error} if it is no valid key for the algorithm
 */
export async function signatureCheck(jwk: JWK, algorithm: JwtAlgorithm): Promise<SignatureCheck> {
  // A public JWK never imports as bytes: that is for symmetric keys.
  const key = (await importJWK(jwk, algorithm)) as CryptoKey
  switch (algorithm) {
    case 'RS256':
    case 'RS384':
    case 'RS512':
      return checkOnTheSpot(KeyObject.from(key), `sha${algorithm.slice(2)}`)
    default:
      return checkInThePool(key, algorithm)
  }
}

function checkOnTheSpot(key: KeyObject, digest: string): SignatureCheck {
  return (token) => {
    const dot = token.lastIndexOf('.')
    return verify(digest, Buffer.from(token.slice(0, dot)), key, Buffer.from(token.slice(dot + 1), 'base64url'))
  }
}

function checkInThePool(key: CryptoKey, algorithm: JwtAlgorithm): SignatureCheck {
  const options = { algorithms: [algorithm] }
  // Whatever the library objects to counts as no signature.
  return (token) => compactVerify(token, key, options).then(isThere, isNotThere)
}

const isThere = (): boolean => true
const isNotThere = (): boolean => false
